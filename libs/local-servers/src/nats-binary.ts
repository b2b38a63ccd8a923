import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { withFileLock } from './file-lock.js';
import { LocalServerError } from './local-server-error.js';
import type { Log } from './server-process.js';

const run = promisify(execFile);
const PROGRAM = 'nats-server';
/** Where package managers put servers although these folders are often not on the PATH. */
const USUAL_PLACES = ['/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin'];

/**
 * The path of a nats-server program: from the PATH, else from our cache folder, else from the system's packages,
 * unpacked into the cache folder, so that nothing is installed and no service of the system is started.
 * Several processes may ask at once. @throws LocalServerError `binary_missing` with the command that gets it.
 */
export async function findNatsServer(log: Log = () => undefined): Promise<string> {
  const cached = join(cacheFolder(), PROGRAM);
  const found = (await onPath()) ?? (await executable(cached));
  if (found !== undefined) return found;
  if ((await onPath('apt-get')) === undefined || (await onPath('dpkg')) === undefined) throw missing();
  await mkdir(cacheFolder(), { recursive: true });
  await withFileLock(`${cached}.lock`, async () => {
    if ((await executable(cached)) === undefined) await unpackDebianPackage(cached, log);
  });
  return cached;
}

function cacheFolder(): string {
  const caches = process.env['XDG_CACHE_HOME'];
  return join(caches === undefined || caches === '' ? join(homedir(), '.cache') : caches, 'm3-publish');
}

async function onPath(program = PROGRAM): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...USUAL_PLACES];
  for (const folder of folders) {
    const found = await executable(join(folder, program));
    if (found !== undefined) return found;
  }
  return undefined;
}

function executable(file: string): Promise<string | undefined> {
  return access(file, constants.X_OK).then(
    () => file,
    () => undefined,
  );
}

async function unpackDebianPackage(target: string, log: Log): Promise<void> {
  log(`getting ${PROGRAM} from the system's packages (once)`);
  const folder = await mkdtemp(`${target}-`);
  try {
    await download(folder, log);
    const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get download left no package');
    await run('dpkg', ['-x', join(folder, archive), join(folder, 'unpacked')]);
    const program = await firstExecutable(['usr/sbin', 'usr/bin'].map((at) => join(folder, 'unpacked', at, PROGRAM)));
    await rename(program, target);
  } catch (error) {
    throw missing(error instanceof Error ? error.message : String(error));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An empty package list (usual in container images) is filled once; only root may. */
async function download(folder: string, log: Log): Promise<void> {
  const get = () => run('apt-get', ['download', PROGRAM], { cwd: folder });
  await get().catch(async (error: unknown) => {
    if (process.getuid?.() !== 0) throw error;
    log('refreshing the list of system packages');
    await run('apt-get', ['update']);
    await get();
  });
}

async function firstExecutable(files: readonly string[]): Promise<string> {
  for (const file of files) if ((await executable(file)) !== undefined) return file;
  throw new Error(`the package holds no ${PROGRAM}`);
}

function missing(reason?: string): LocalServerError {
  const command =
    process.platform === 'darwin'
      ? 'brew install nats-server'
      : process.platform === 'win32'
        ? 'winget install NATSAuthors.NATSServer'
        : 'sudo apt-get update && sudo apt-get install -y nats-server';
  const because = reason === undefined ? '' : ` (${reason.trim()})`;
  return new LocalServerError(
    'binary_missing',
    `${PROGRAM} is not on this machine${because}. Get it with: ${command}. Or set NATS_URL to a server that runs already.`,
  );
}
