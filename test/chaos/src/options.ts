import { parseArgs } from 'node:util';
import type { ChaosSize } from './plan/plan.js';

export interface ChaosOptions extends ChaosSize {
  /** Servers' data and logs stay there after the run. */
  readonly keep: boolean;
}

/** An option that cannot be used; the message is for whoever typed it. */
export class OptionError extends Error {}

/** @throws OptionError */
export function readOptions(args: readonly string[], anySeed: () => number): ChaosOptions {
  const { values } = parsed(args);
  return {
    seed: values.seed === undefined ? anySeed() : whole('seed', values.seed, 0),
    faults: whole('faults', values.faults ?? '500', 1),
    actions: whole('actions', values.actions ?? '160', 1),
    keep: values.keep ?? false,
  };
}

const known = {
  seed: { type: 'string' },
  faults: { type: 'string' },
  actions: { type: 'string' },
  keep: { type: 'boolean' },
} as const;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known });
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : 'unknown option');
  }
}

function whole(name: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least || number > 2 ** 31)
    throw new OptionError(`--${name} takes a whole number from ${least} up, not "${text}"`);
  return number;
}
