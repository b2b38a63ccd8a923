import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const running = new Set();
let ending = false;

/**
 * Runs a program in the repository's folder and answers `{ok, output}`. It runs in a process group of its own, so that
 * it can be ended together with all that it started: when we are, or when it takes longer than its time.
 */
export function runProgram(file, args, { env = {}, onLine = () => undefined, minutes = 20 } = {}) {
  const child = spawn(file, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: '0', ...env },
  });
  running.add(child);
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      onLine(line);
    });
  }
  const limit = setTimeout(() => {
    lines.push(`ended: it took longer than ${minutes} minutes`);
    endGroup(child, 'SIGKILL');
  }, minutes * 60_000);
  return new Promise((resolve) => {
    const finish = (ok) => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ ok, output: lines.join('\n') });
    };
    child.once('error', (error) => {
      lines.push(error.message);
      finish(false);
    });
    child.once('close', (code) => finish(code === 0));
  });
}

/** Runs a JavaScript program with this Node. */
export function runNode(args, options) {
  return runProgram(process.execPath, args, options);
}

/** Ends everything that runs, and starts nothing more. */
export function endAll() {
  ending = true;
  for (const child of running) endGroup(child, 'SIGTERM');
  setTimeout(() => {
    for (const child of running) endGroup(child, 'SIGKILL');
  }, 5_000).unref();
}

export function isEnding() {
  return ending;
}

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}
