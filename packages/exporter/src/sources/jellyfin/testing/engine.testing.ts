import { defineMetric, family } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { type ErrorCode, ExporterError, type Problem } from '../../../errors.ts';
import type { CollectorName, JellyfinCollector } from '../collectors/collector.ts';
import { JellyfinEngine } from '../engine.ts';
import { ServerClock } from '../server-clock.ts';
import { Shared } from '../shared.ts';

/** A deadline that does not come. */
export const never = (): AbortSignal => new AbortController().signal;
const METRIC = defineMetric({ name: 'jellyfin_test', type: 'gauge', help: 'Test.', labels: { name: 'public' } });

/** A collector that does what a test says, and counts its runs. */
export class Fake implements JellyfinCollector {
  readonly name: CollectorName;
  readonly line: 'fast' | 'slow';
  readonly staysVisible: boolean;
  readonly catalogue = [METRIC];
  readonly seconds: number;
  /** What a run does; resolves at once where nothing is said. */
  work: () => Promise<void> = async () => {};
  runs = 0;

  constructor(name: CollectorName, line: 'fast' | 'slow', seconds: number, staysVisible = false) {
    this.name = name;
    this.line = line;
    this.seconds = seconds;
    this.staysVisible = staysVisible;
  }

  interval = () => this.seconds * 1000;
  run = () => {
    this.runs += 1;
    return this.work();
  };
  families = () => [family(METRIC, [[{ name: this.name }, this.runs]])];
  state = () => ({});
}

/** An engine with a collector of the system, which finds the server up, and others. */
export function openEngine(...others: readonly Fake[]) {
  const clock = new ManualClock();
  const shared = new Shared(new ServerClock(clock));
  const system = new Fake('system', 'fast', 10, true);
  system.work = async () => {
    shared.up = true;
  };
  const collectors = [system, ...others];
  const problems: (Problem | undefined)[] = [];
  const shown = collectors.map(({ name }) => name);
  const onAnswer = (problem: Problem | undefined): unknown => problems.push(problem);
  const runs: string[] = [];
  const onRun = (name: CollectorName, problem: Problem | undefined): unknown =>
    runs.push(`${name} ${problem?.code ?? 'ok'}`);
  const engine = new JellyfinEngine({ clock, random: () => 0.5, shared, collectors, shown, onAnswer, onRun });
  const names = (): string[] =>
    engine.families().flatMap(({ samples }) => [...samples].map(({ labels }) => labels[0] ?? ''));
  /** Lets time pass in steps, since runs end between two steps only. */
  const pass = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 5) await clock.tick(5_000);
  };
  return { engine, clock, shared, system, problems, runs, names, pass };
}

/** A failure with a code of ours. */
export const error = (code: ErrorCode, status?: number) =>
  new ExporterError({ code, detail: 'in the test', ...(status === undefined ? {} : { status }) });
