import type { LogLine } from '@m3/contracts';
import { Busy } from '@m3/messaging';
import { TargetUnreachableError } from '@m3/target-environment';
import type { EffectFailure } from '../domain/publish.inputs.js';

/** How long an effect is tried again while the target does not answer. Then it has failed, and what happened is unknown. */
const patienceMs = 20_000;

export interface Attempt {
  /** Names the effect in the log of the service. */
  readonly key: string;
  /** When the effect was asked for, ISO 8601. */
  readonly requestedAt: string;
  readonly now: () => Date;
  /** What may have happened although no answer came. */
  readonly unknown: string;
}

/**
 * Runs an effect on a target. A target that cannot be asked for a moment is asked again later (the message comes back);
 * one that cannot be asked for long, or refuses for good, is a failure that says what is not known.
 */
export async function attempt<Result>(
  { key, requestedAt, now, unknown }: Attempt,
  run: () => Promise<Result>,
): Promise<Result | EffectFailure> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TargetUnreachableError)) throw error;
    const waited = now().getTime() - Date.parse(requestedAt);
    if (error.retryable && waited < patienceMs) throw new Busy(key);
    return { outcome: 'failed', code: `${error.what}_${error.code}`, reason: error.message.slice(0, 2000), unknown };
  }
}

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
