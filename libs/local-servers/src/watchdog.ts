import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/**
 * One small process beside ours ends the servers that we leave behind, whether we return, are interrupted or are
 * killed: its input closes with us. It runs in a session of its own, so that Ctrl-C does not reach it.
 */
let input: Writable | undefined;

/** From now on the process gets the signal when we have ended, however we end; ten seconds later it is killed. */
export function watch(pid: number, signal: NodeJS.Signals): void {
  input ??= startWatchdog();
  input.write(`watch ${pid} ${signal}\n`);
}

/** The process has ended: its id may be somebody else's soon. */
export function forget(pid: number): void {
  input?.write(`forget ${pid}\n`);
}

/** Has the folder removed after our end, when the servers have ended too. */
export function removeAfterwards(folder: string): void {
  input ??= startWatchdog();
  input.write(`remove ${folder}\n`);
}

function startWatchdog(): Writable {
  const script = fileURLToPath(new URL('../processes/watchdog.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} });
  child.unref();
  child.stdin.on('error', () => undefined);
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child.stdin;
}
