/** What every benchmark is given. */
export interface BenchmarkRun {
  /** A folder of its own for data of servers; removed after the run. */
  readonly folder: string;
  /** Fewer and shorter rounds, for a first look. */
  readonly short: boolean;
  /** Shows progress. */
  readonly say: (line: string) => void;
}
