import { type Schema, STATE_SCHEMA } from './schema.ts';
import { isRecord } from './shapes.ts';
import { SFU_STATE_VERSION, type SfuState } from './state.ts';

export type ParsedState =
  | { readonly ok: true; readonly state: SfuState }
  | { readonly ok: false; readonly problem: string };

/**
 * Judges what an SFU sent as its state. Total: whatever comes in, the answer is a state or a sentence, which names the
 * place of the fault and never quotes what was sent. Fields that are not known are left alone.
 */
export function parseState(input: unknown): ParsedState {
  if (!isRecord(input) || Array.isArray(input)) return { ok: false, problem: 'The state is no object.' };
  const { version } = input;
  if (version !== SFU_STATE_VERSION) {
    const found = Number.isSafeInteger(version) ? `version ${version}` : 'no version';
    return { ok: false, problem: `The state has ${found}, and this reads version ${SFU_STATE_VERSION}.` };
  }
  const fault = findFault(input, STATE_SCHEMA, '') ?? findUnevenHistogram(input as unknown as SfuState);
  if (fault !== undefined) return { ok: false, problem: `The state is not as its schema says: ${fault}.` };
  return { ok: true, state: input as unknown as SfuState };
}

/** The first place where a value is not what the schema wants. */
export function findFault(value: unknown, schema: Schema, place: string): string | undefined {
  const wanted = (what: string): string => `${place === '' ? 'the whole' : place} is no ${what}`;
  switch (schema.type) {
    case 'object':
      return isRecord(value) && !Array.isArray(value) ? findFaultyField(value, schema, place) : wanted('object');
    case 'array':
      return Array.isArray(value) ? findFaultyItem(value, schema.items ?? {}, place) : wanted('array');
    case 'number':
    case 'integer':
      if (typeof value !== 'number' || !Number.isFinite(value)) return wanted('number');
      if (schema.type === 'integer' && !Number.isInteger(value)) return wanted('whole number');
      if (schema.minimum !== undefined && value < schema.minimum) return `${place} is below ${schema.minimum}`;
      return schema.const !== undefined && value !== schema.const ? wanted(String(schema.const)) : undefined;
    case 'string':
      if (typeof value !== 'string') return wanted('text');
      if (schema.enum !== undefined && !schema.enum.includes(value))
        return `${place} is none of ${schema.enum.join(', ')}`;
      return undefined;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wanted('boolean');
    default:
      return undefined;
  }
}

function findFaultyField(value: Readonly<Record<string, unknown>>, schema: Schema, place: string): string | undefined {
  for (const name in schema.properties) {
    const here = place === '' ? name : `${place}.${name}`;
    const field = Object.hasOwn(value, name) ? value[name] : undefined;
    if (field === undefined) {
      if (schema.required?.includes(name)) return `${here} is missing`;
      continue;
    }
    const fault = findFault(field, schema.properties[name] as Schema, here);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function findFaultyItem(values: readonly unknown[], items: Schema, place: string): string | undefined {
  for (let i = 0; i < values.length; i++) {
    const fault = findFault(values[i], items, `${place}[${i}]`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What JSON Schema cannot say: a bound for each count, both ascending. */
function findUnevenHistogram({ quality }: SfuState): string | undefined {
  for (let i = 0; i < quality.length; i++) {
    const row = quality[i] as SfuState['quality'][number];
    for (const name of ['score', 'roundTrip', 'jitter', 'loss'] as const) {
      const { bounds, count, counts } = row[name];
      const even =
        counts.length === bounds.length && isAscending(bounds, true) && isAscending([...counts, count], false);
      if (!even) return `quality[${i}].${name} is no histogram`;
    }
  }
  return undefined;
}

function isAscending(values: readonly number[], strictly: boolean): boolean {
  return values.every((value, i) => {
    const before = values[i - 1];
    return before === undefined || (strictly ? value > before : value >= before);
  });
}
