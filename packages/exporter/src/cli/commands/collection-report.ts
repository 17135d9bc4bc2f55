import type { SourceSettings } from '../../config/schema.ts';
import { displayUrl, parseSourceUrl } from '../../config/url.ts';
import { describeProblem, type Problem } from '../../errors.ts';
import type { CollectorStatus, RequestReport } from '../../sources/source.ts';

/** What one collection from a source took and found. */
export interface Collection {
  readonly settings: Pick<SourceSettings, 'name' | 'type' | 'url'>;
  /** Whether the server answered. */
  readonly up: boolean | undefined;
  /** All collectors of the source. */
  readonly collectorNames: readonly string[];
  /** Those that have run. */
  readonly collectors: readonly CollectorStatus[];
  readonly requests: readonly RequestReport[];
  /** How many samples it gave. */
  readonly samples: number;
}

/** Whether the server answered and no collector failed. What a server does not have is no failure of a collector. */
export function isAllRight({ up, collectors }: Collection): boolean {
  return up === true && collectors.every(({ success }) => success);
}

/** A collection for people to read, line by line. */
export function describeCollection(collection: Collection): string {
  const { settings, collectors, collectorNames, requests, samples } = collection;
  const run = new Set(collectors.map(({ name }) => name));
  const lines = [
    ...groupBy(requests, ({ endpoint, status, outcome }) => `${endpoint} ${status} ${outcome}`).map(describeRequests),
    ...collectors.map(describeCollector),
    ...collectorNames.filter((name) => !run.has(name)).map((name) => `collector ${name}: not done yet`),
    ...describeProblems(collectors.flatMap(({ problem }) => (problem ? [{ ...problem, server: settings.type }] : []))),
    `${samples} samples`,
  ];
  return `${[describeState(collection), ...lines].join('\n  ')}\n`;
}

function describeState({ settings, up, collectors }: Collection): string {
  const url = parseSourceUrl(settings.url, { path: 'allowed' });
  const where = 'problem' in url ? '' : `, ${displayUrl(url)}`;
  const failed = collectors.filter(({ success }) => !success).length;
  const but = failed === 0 ? '' : `, but ${failed} of ${collectors.length} collectors failed`;
  return `${settings.name} (${settings.type}${where}) is ${up === true ? `up${but}` : 'down'}`;
}

/** Requests of one endpoint that ended in the same way. */
function describeRequests(requests: readonly [RequestReport, ...RequestReport[]]): string {
  const [{ endpoint, status, outcome }] = requests;
  const times = requests.map(({ seconds }) => seconds);
  const sum = milliseconds(add(times));
  const took =
    requests.length === 1
      ? sum
      : `${requests.length} times, ${sum} in all, ${milliseconds(Math.max(...times))} the longest`;
  const code = status === undefined ? '' : ` ${status}`;
  return `GET ${endpoint}:${code} ${outcome}, ${took}, ${add(requests.map(({ bytes }) => bytes))} bytes`;
}

function describeCollector({ name, seconds, problem }: CollectorStatus): string {
  const end = problem === undefined ? 'success' : `failure (${problem.code})`;
  return `collector ${name}: ${end}, ${milliseconds(seconds)}`;
}

/** Each once, with all the endpoints that met it. */
function describeProblems(problems: readonly Problem[]): string[] {
  const met = problems.map((problem) => {
    const [, endpoint, text = problem.detail] = /^(\/\S*): (.*)$/s.exec(problem.detail) ?? [];
    return { problem, endpoint, text };
  });
  return groupBy(met, ({ problem, text }) => `${problem.code} ${text}`).map((same) => {
    const [{ problem, text }] = same;
    const endpoints = [...new Set(same.flatMap(({ endpoint }) => endpoint ?? []))];
    const where = endpoints.length === 0 ? '' : `${endpoints.join(', ')}: `;
    return describeProblem({ ...problem, detail: `${where}${text}` });
  });
}

/** Values of one key together, in the order of the first of each. */
function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return [...groups.values()];
}

function add(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}
