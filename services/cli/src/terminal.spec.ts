import { run } from './program.js';
import type { ExitCode } from './exit-codes.js';
import type { Surroundings } from './surroundings.js';

/** Runs a command line in a world of its own, and shows what it printed. */
export interface Ran {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export interface World {
  readonly url?: string;
  readonly token?: string;
  readonly terminal?: boolean;
  readonly answer?: string;
  readonly stdin?: string;
  readonly cwd?: string;
  readonly giveUpAfter?: number;
}

/** A world, and what was printed in it so far. */
export function worldOf(world: World = {}) {
  const printed = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof printed) => ({
    write: (text: string) => (printed[name] += text),
    isTTY: world.terminal === true,
    columns: 100,
    rows: 30,
  });
  const surroundings: Surroundings = {
    env: { M3_PUBLISH_URL: world.url ?? 'http://127.0.0.1:9', M3_PUBLISH_TOKEN: world.token ?? 'a-token' },
    cwd: world.cwd ?? '/',
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    stdin: Object.assign(pieces(world.stdin ?? ''), { isTTY: world.terminal === true }),
    ask: async (question) => {
      printed.stderr += question;
      return world.answer ?? '';
    },
    patience: { retryDelays: [5, 5, 5], requestTimeout: 5_000 },
    streamPatience: { silence: 5_000, firstRetry: 10, longestRetry: 50, giveUpAfter: world.giveUpAfter ?? 20_000 },
  };
  return { surroundings, printed };
}

export async function m3Publish(args: readonly string[], world: World = {}): Promise<Ran> {
  const { surroundings, printed } = worldOf(world);
  const exitCode = await run(args, surroundings);
  return { exitCode, ...printed };
}

async function* pieces(text: string): AsyncGenerator<string> {
  yield text;
}
