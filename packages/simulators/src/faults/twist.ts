/**
 * The same keys with values of wrong types: `leaves` changes texts, numbers and booleans, `containers` turns lists into
 * objects and objects into lists, `nulls` makes a null of every leaf.
 */
export type Twist = 'leaves' | 'containers' | 'nulls';

/** JSON text with its values twisted. Text that is no JSON stays. */
export function twistJson(text: string, twist: Twist): string {
  try {
    return JSON.stringify(twistValue(JSON.parse(text), twist));
  } catch {
    return text;
  }
}

function twistValue(value: unknown, twist: Twist, depth = 0): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => twistValue(item, twist, depth + 1));
    return twist === 'containers' ? { ...items } : items;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => [key, twistValue(inner, twist, depth + 1)] as const);
    // The outermost objects stay, so that what is within them is reached.
    return twist === 'containers' && depth > 1 ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
  }
  if (twist === 'containers') return value;
  return twist === 'nulls' ? null : twistLeaf(value);
}

function twistLeaf(value: unknown): unknown {
  if (typeof value === 'string') return { text: value };
  if (typeof value === 'number') return `${value} or so`;
  return typeof value === 'boolean' ? [value] : 0;
}

/** The same JSON with the elements of every list in another order; the same text gives the same order. */
export function shuffleJson(text: string, random: () => number): string {
  try {
    return JSON.stringify(shuffleValue(JSON.parse(text), random));
  } catch {
    return text;
  }
}

function shuffleValue(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item) => ({ item: shuffleValue(item, random), place: random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shuffleValue(inner, random)]));
}
