import { processorTimeMs } from '../process-usage.js';

/** Tells the processor time that somebody has spent until now; ms. */
export type ProcessorClock = () => Promise<number>;

/** Of a process with all that it started. */
export function clockOf(pid: number): ProcessorClock {
  return () => processorTimeMs(pid);
}

/** Of this process alone. */
export const ownClock: ProcessorClock = () => {
  const { user, system } = process.cpuUsage();
  return Promise.resolve((user + system) / 1000);
};

/** What each of several spends between two moments. */
export class ProcessorTimes {
  private readonly moments: ReadonlyMap<string, number>[] = [];

  constructor(private readonly clocks: ReadonlyMap<string, ProcessorClock>) {}

  /** Remembers this moment: call it at the beginning and at the end. */
  async take(): Promise<void> {
    const times = [...this.clocks].map(async ([name, clock]) => [name, await clock()] as const);
    this.moments.push(new Map(await Promise.all(times)));
  }

  /** Rows for a table: each name with its ms for each piece of work, and the sum. */
  perPiece(pieces: number): readonly (readonly string[])[] {
    const [before, after] = this.moments;
    if (!before || !after) throw new Error('there are not two moments to compare');
    const spent = [...after].map(([name, ms]) => [name, (ms - (before.get(name) ?? 0)) / pieces] as const);
    const sum = spent.reduce((total, [, ms]) => total + ms, 0);
    return [...spent, ['all', sum] as const].map(([name, ms]) => [`  ${name}`, ms.toFixed(1)]);
  }
}
