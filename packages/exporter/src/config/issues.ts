import type { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import { describePath, type Finding, unknownKey } from './checks.ts';

/** One issue of a schema as findings with our codes, one for each unknown key; `known` tells the keys at a path. */
export function readIssue(issue: z.core.$ZodIssue, known: (path: readonly PropertyKey[]) => string[]): Finding[] {
  const { path } = issue;
  const name = describePath(path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(path, key, known(path)));
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return [{ code: 'MX_CONFIG_MISSING', detail: `${name} is missing`, path }];
  }
  const code = issue.code === 'custom' ? (issue.params?.code as ErrorCode | undefined) : undefined;
  if (code !== undefined) return [{ code, detail: `${name}: ${issue.message}`, path }];
  return [{ code: 'MX_CONFIG_VALUE', detail: `${name} ${explain(issue)}`, path }];
}

function explain(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be one of: ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `must have at least ${count(issue.minimum, issue.origin === 'array' ? ['entry', 'entries'] : ['character', 'characters'])}`
        : `must be at least ${issue.minimum}`;
    case 'invalid_format':
      return issue.message.startsWith('Invalid') ? 'is not of the right form' : issue.message;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function count(number: number | bigint, [one, many]: readonly [string, string]): string {
  return `${number} ${Number(number) === 1 ? one : many}`;
}

function article(expected: string): string {
  const names: Record<string, string> = {
    object: 'a mapping',
    record: 'a mapping',
    array: 'a list',
    int: 'a whole number',
    string: 'a text',
    number: 'a number',
    boolean: 'true or false',
  };
  return names[expected] ?? expected;
}
