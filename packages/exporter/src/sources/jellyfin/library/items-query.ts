/**
 * A query of `/Items`. Items that a box set holds are asked for in each: without that, 10.11 answers from memory and does
 * not look at the width, and 12.0 leaves films out that are in a box set.
 */
export function itemsQuery(parameters: Readonly<Record<string, string | number | boolean>>): string {
  const all = { recursive: true, collapseBoxSetItems: false, ...parameters };
  const pairs = Object.entries(all).map(
    ([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2C', ',')}`,
  );
  return `?${pairs.join('&')}`;
}

/** A query of which only the number of items is wanted. Missing episodes are no items. */
export function countQuery(parameters: Readonly<Record<string, string | number | boolean>>): string {
  return itemsQuery({ ...parameters, excludeLocationTypes: 'Virtual', limit: 0 });
}
