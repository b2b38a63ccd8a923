import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Role } from '@m3/contracts';
import type { Product } from './product.fixture.spec.js';

const program = fileURLToPath(new URL('../../services/cli/packed/main.js', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `m3-publish` as a person would, in a process of its own, against the running gateway. */
export async function runCommand(
  { stack }: Product,
  args: readonly string[],
  { as = 'ann', roles = ['admin'] }: { readonly as?: string; readonly roles?: readonly Role[] } = {},
): Promise<Run> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: stack.home,
    env: {
      PATH: process.env['PATH'],
      M3_PUBLISH_URL: stack.services.gateway.url,
      M3_PUBLISH_TOKEN: await stack.issuer.token({ sub: as, roles }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}
