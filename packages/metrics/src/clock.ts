/** Time as an argument: production hands in {@link systemClock}, tests a clock they turn by hand. */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary start. */
  now(): number;
  /** Milliseconds since the epoch. */
  date(): number;
  /** Runs `task` once after `delay` milliseconds; the returned function cancels it. Never keeps the process alive. */
  after(delay: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(delay, task) {
    const timer = setTimeout(task, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
