import type { LogLine } from '@m3/contracts';

/** Collects a step's log, each line with its time. */
export class StepLog {
  readonly lines: LogLine[] = [];
  constructor(private readonly now: () => Date) {}

  info(text: string): void {
    this.add('info', text);
  }

  warning(text: string): void {
    this.add('warning', text);
  }

  private add(level: LogLine['level'], text: string): void {
    this.lines.push({ at: this.now().toISOString(), level, text: text.slice(0, 2000) });
  }
}

export const millisecondsSince = (started: number): number => Math.round((performance.now() - started) * 100) / 100;
