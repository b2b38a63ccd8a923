import { open, rename } from 'node:fs/promises';
import { errorCode } from './error-code.js';

const TAIL_BYTES = 32 * 1024;

/** Makes room for the log of a new run: the log of the run before is kept beside it, as `<file>.1`. */
export async function beginLogFile(file: string): Promise<void> {
  await rename(file, `${file}.1`).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}

/** The last lines of a file; none when it is not there. */
export async function lastLines(file: string, count: number): Promise<readonly string[]> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return [];
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(TAIL_BYTES), position: start });
    const lines = buffer
      .toString('utf8', 0, bytesRead)
      .split('\n')
      .filter((line) => line !== '');
    return lines.slice(-count);
  } finally {
    await handle.close();
  }
}
