import type { Family, Metric } from '@media-exporter/metrics';
import { Tally } from '@media-exporter/model';
import { ENDPOINTS } from '../endpoints.ts';
import {
  TASK_RUN_FIELDS,
  TASKS_CATALOGUE,
  type TaskRunField,
  taskRunFamilies,
  tasksFamilies,
} from '../families/tasks.ts';
import { fields, number } from '../parse/json.ts';
import { parseTasks } from '../parse/tasks.ts';
import type { JellyfinState, JellyfinTask } from '../state.ts';
import { taskJobs } from '../task-jobs.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** The key of the library scan. Names of tasks are in the language of the server. */
const SCAN = 'RefreshLibrary';

/** The scheduled tasks: what runs, and how runs ended. Tells the others whether the libraries are scanned. */
export class TasksCollector implements JellyfinCollector {
  readonly name = 'tasks';
  readonly line = 'fast';
  readonly staysVisible = true;
  readonly catalogue: readonly Metric[] = TASKS_CATALOGUE;
  readonly #context: CollectorContext;
  /** By key and status. */
  #runs = new Tally<TaskRunField>(TASK_RUN_FIELDS);
  /** When the last run of each task ended that was counted, or was there at the first look. */
  readonly #ends = new Map<string, number>();
  /** Whether anything was looked at yet, before a restart included: what is new since then has run since then. */
  #primed = false;
  #scanSeconds: number | undefined;
  #tasks: readonly JellyfinTask[] | undefined;

  constructor(context: CollectorContext) {
    this.#context = context;
  }

  interval(): number {
    return this.#context.settings.interval * 1000;
  }

  async run(): Promise<void> {
    const { client, shared } = this.#context;
    try {
      const { value, date } = await client.json(ENDPOINTS.tasks, parseTasks);
      shared.serverClock.tell(date);
      this.#tasks = value;
    } catch (error) {
      this.#tasks = undefined;
      shared.scanRunning = undefined;
      throw error;
    }
    const scan = this.#tasks.find(({ key }) => key === SCAN);
    shared.scanRunning = scan === undefined ? undefined : scan.state !== 'idle';
    for (const task of this.#tasks) this.#take(task);
    if (!this.#primed) this.#context.saved.put('primed', true);
    this.#primed = true;
    this.#save();
  }

  families(): readonly Family[] {
    if (!this.#primed) return [];
    return [
      ...(this.#tasks === undefined ? [] : tasksFamilies(this.#tasks)),
      ...taskRunFamilies(this.#runs.rows(), this.#scanSeconds),
    ];
  }

  state(): Partial<JellyfinState> {
    return {
      ...(this.#tasks === undefined ? {} : { tasks: this.#tasks }),
      ...(this.#primed ? { jobs: taskJobs(this.#runs.rows()) } : {}),
    };
  }

  restore(saved: ReadonlyMap<string, unknown>): void {
    this.#primed = saved.get('primed') === true;
    this.#scanSeconds = number(fields(saved.get('scan'))?.seconds);
    const rows: unknown[] = [];
    for (const [key, value] of saved) {
      if (key.startsWith('row ')) rows.push(value);
      const end = key.startsWith('end ') ? number(value) : undefined;
      if (end !== undefined) this.#ends.set(key.slice('end '.length), end);
    }
    this.#runs = new Tally(
      TASK_RUN_FIELDS,
      rows.flatMap((row) => Tally.parseRow(row, TASK_RUN_FIELDS, 2) ?? []),
    );
  }

  /** Counts a run that has ended since the last look; of several only the last is told. */
  #take({ key, last }: JellyfinTask): void {
    if (last === undefined) return;
    const { start, end, status } = last;
    const before = this.#ends.get(key);
    const seconds = (end - start) / 1000;
    // A run that was cancelled takes the place of the one that was completed: it is remembered here.
    if (key === SCAN && status === 'completed' && end !== before) {
      this.#scanSeconds = seconds;
      this.#context.saved.put('scan', { seconds });
    }
    if (before !== undefined && end <= before) return;
    this.#ends.set(key, end);
    this.#context.saved.put(`end ${key}`, end);
    if (this.#primed) this.#runs.add([key, status], { runs: 1, seconds }, end);
  }

  #save(): void {
    for (const [key, row] of this.#runs.takeChanges()) this.#context.saved.put(`row ${key}`, row);
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new TasksCollector(context);
}
