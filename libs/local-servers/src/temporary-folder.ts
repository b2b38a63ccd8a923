import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAfterwards } from './watchdog.js';

/** A new folder in the system's place for temporary files, removed when this process has ended, however it ends. */
export async function temporaryFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${prefix}-`));
  removeAfterwards(folder);
  return folder;
}
