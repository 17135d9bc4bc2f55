/** A benchmark: measures beside its peers in one run and gives figures and ratios. */
export interface Benchmark {
  run(options: BenchOptions): Promise<object>;
}

export interface BenchOptions {
  /** Fewer and smaller rows, to see that the benchmark works. */
  readonly quick: boolean;
  /** Only rows with so many labels, and so many series; for benchmarks that have such rows. */
  readonly labels?: readonly number[];
  readonly series?: readonly number[];
  /** Tells a waiting person what is under way. */
  readonly progress: (line: string) => void;
}
