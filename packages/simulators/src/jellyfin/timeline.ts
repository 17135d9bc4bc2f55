import type { Clock } from '@media-exporter/metrics';

interface Entry {
  readonly at: number;
  readonly number: number;
  /** Undefined once it was cancelled. */
  task: (() => void) | undefined;
}

/**
 * A clock that asks another for one timer only, however many tasks wait: hundreds of players with a timer each would
 * make a clock that a test turns slow.
 */
export class Timeline implements Clock {
  readonly #clock: Clock;
  /** A heap: none is due before the one at half its index. */
  readonly #heap: Entry[] = [];
  #count = 0;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  date(): number {
    return this.#clock.date();
  }

  after(delay: number, task: () => void): () => void {
    this.#count += 1;
    const entry: Entry = { at: this.#clock.now() + delay, number: this.#count, task };
    this.#push(entry);
    this.#arm();
    return () => {
      entry.task = undefined;
    };
  }

  /** Forgets all that wait. */
  clear(): void {
    this.#heap.length = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || (this.#timer !== undefined && this.#timer.at <= first.at)) return;
    this.#timer?.cancel();
    const delay = Math.max(0, first.at - this.#clock.now());
    this.#timer = { at: first.at, cancel: this.#clock.after(delay, () => this.#run()) };
  }

  #run(): void {
    this.#timer = undefined;
    // Of what falls due at the same time, what was asked for first comes first.
    for (let first = this.#heap[0]; first !== undefined && first.at <= this.#clock.now(); first = this.#heap[0]) {
      this.#pop();
      first.task?.();
    }
    this.#arm();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry;
      if (before(above, entry)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]];
      const child = right !== undefined && left !== undefined && before(right, left) ? 2 * index + 2 : 2 * index + 1;
      const below = heap[child];
      if (below === undefined || before(last, below)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number);
}
