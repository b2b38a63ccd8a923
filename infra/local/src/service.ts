import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@m3/contracts';
import { LocalProcess, ProcessStartError, type LocalProcessSettings } from './local-process.js';

/**
 * Keep a service below 120 MB: a small young generation, an old one that grows in small steps and is collected by the thread
 * that uses it (two services to a processor have no other one free), one thread for compiling, which compiles what is really hot
 * and not all that is warm, and WebAssembly (undici's HTTP parser) without the optimising compiler, whose work takes 30 MB for
 * a moment and gains nothing that can be measured.
 */
const MEMORY_FLAGS = [
  '--max-semi-space-size=4',
  '--heap-growing-percent=10',
  '--max-old-space-size=256',
  '--single-threaded-gc',
  '--v8-pool-size=1',
  '--interrupt-budget=200000',
  '--liftoff-only',
];
/** Of the C library: one place that holds on to freed memory, and gives it back soon. */
const MEMORY_SETTINGS = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' };
const ANSWER_WITHIN_MS = 2_000;

export type ServiceSettings = Pick<LocalProcessSettings, 'env' | 'port' | 'onUnexpectedEnd'> & {
  /** The folder for its log. */
  readonly logs: string;
};

/** Starts a service as a process, and waits until log and bus answer it. @throws ProcessStartError */
export async function startService(
  name: ServiceName,
  { logs, env, ...settings }: ServiceSettings,
): Promise<LocalProcess> {
  return LocalProcess.start({
    ...settings,
    env: { ...MEMORY_SETTINGS, ...env },
    name,
    script: await built(`services/${name}/packed/main.js`),
    nodeFlags: MEMORY_FLAGS,
    logFile: join(logs, `${name}.log`),
    isReady: async (url) => {
      const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      const health: unknown = await answer.json();
      return answer.ok && typeof health === 'object' && health !== null && Reflect.get(health, 'bus') === 'ok';
    },
  });
}

/** The absolute path of a built program. @throws ProcessStartError when it was not built */
export async function built(path: string): Promise<string> {
  const file = fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  await access(file).catch(() => {
    throw new ProcessStartError('ended_early', `${path} is missing: run \`npm run build\` first`);
  });
  return file;
}
