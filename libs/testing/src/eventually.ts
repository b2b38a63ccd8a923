import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface Patience<Sample> {
  /** Default 30,000. */
  readonly timeoutMs?: number;
  /** Default 10. */
  readonly intervalMs?: number;
  /** Which sample is the awaited one. Default: the first that is neither false nor null nor undefined. */
  readonly until?: (sample: Sample) => boolean;
}

type Present<Sample> = Exclude<Sample, false | null | undefined>;

/**
 * Takes samples until one is the awaited one, and answers it. A probe that throws (an `expect` in it, a refused
 * connection) counts as "not yet".
 * @throws Error with the last sample, or what the probe threw last, when the time is over.
 */
export function eventually<Sample>(
  what: string,
  probe: () => Sample | Promise<Sample>,
  patience: Patience<Sample> & { readonly until: (sample: Sample) => boolean },
): Promise<Sample>;
export function eventually<Sample>(
  what: string,
  probe: () => Sample | Promise<Sample>,
  patience?: Omit<Patience<Sample>, 'until'>,
): Promise<Present<Sample>>;
export async function eventually<Sample>(
  what: string,
  probe: () => Sample | Promise<Sample>,
  patience: Patience<Sample> = {},
): Promise<Sample> {
  const { timeoutMs, intervalMs, until } = { ...DEFAULTS, ...patience };
  const deadline = performance.now() + timeoutMs;
  let sample = await take(probe);
  while (sample.kind === 'error' || !until(sample.value)) {
    if (performance.now() >= deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}. ${describe(sample)}`);
    await pause(intervalMs);
    sample = await take(probe);
  }
  return sample.value;
}

const DEFAULTS = {
  timeoutMs: 30_000,
  intervalMs: 10,
  until: (sample: unknown) => sample !== false && sample !== null && sample !== undefined,
};

type Taken<Sample> =
  { readonly kind: 'value'; readonly value: Sample } | { readonly kind: 'error'; readonly error: unknown };

async function take<Sample>(probe: () => Sample | Promise<Sample>): Promise<Taken<Sample>> {
  try {
    return { kind: 'value', value: await probe() };
  } catch (error) {
    return { kind: 'error', error };
  }
}

function describe(sample: Taken<unknown>): string {
  if (sample.kind === 'value') return `Last sample: ${inspect(sample.value, { depth: 6 })}`;
  const { error } = sample;
  return `The last probe failed: ${error instanceof Error ? error.message : inspect(error)}`;
}
