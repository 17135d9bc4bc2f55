/**
 * How a server writes its values. `2019`: the decimal numbers of transcodes are quoted, and `live` is a number. `quoted`:
 * all numbers are texts, and booleans are "1" and "0", as in the XML; no server is known to do all of it at once, but each
 * of it has been seen somewhere.
 */
export type Dialect = 'current' | '2019' | 'quoted';

const QUOTED_IN_2019: ReadonlySet<string> = new Set(['progress', 'speed', 'timeStamp']);

/** The same in the dialect of the server. */
export function inDialect<T>(dialect: Dialect, value: T): T {
  return dialect === 'current' ? value : (translate(dialect, value, '') as T);
}

function translate(dialect: '2019' | 'quoted', value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((item) => translate(dialect, item, ''));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, translate(dialect, inner, name)]));
  }
  if (dialect === 'quoted' && typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'number' && (dialect === 'quoted' || QUOTED_IN_2019.has(key)) ? String(value) : value;
}
