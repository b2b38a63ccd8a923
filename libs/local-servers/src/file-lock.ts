import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Runs `work` while no other process on this machine holds the lock file. A lock of a process that died does not count. */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const mine = `${file}.${process.pid}.${performance.now()}`;
  await writeFile(mine, String(process.pid));
  try {
    while (!(await taken(mine, file))) {
      await removeIfAbandoned(file);
      await pause(50);
    }
    try {
      return await work();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** A hard link appears with its content or not at all, so nobody ever reads a lock without an owner. */
function taken(mine: string, file: string): Promise<boolean> {
  return link(mine, file).then(
    () => true,
    () => false,
  );
}

async function removeIfAbandoned(file: string): Promise<void> {
  const owner = Number(await readFile(file, 'utf8').catch(() => process.pid));
  if (!isAlive(owner)) await rm(file, { force: true });
}

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
