import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive } from './file-lock.js';
import { LocalServerError } from './local-server-error.js';
import type { PostgresPrograms } from './postgres-programs.js';
import type { Unprivileged } from './postgres-user.js';

const run = promisify(execFile);

/** A PostgreSQL data folder with what is needed to use it. */
export interface Cluster {
  readonly folder: string;
  readonly password: string;
}

/** Opens the cluster in `dataDir`, or makes one; half-made ones of an earlier, killed attempt are thrown away. */
export async function openCluster(dataDir: string, programs: PostgresPrograms, as: Unprivileged): Promise<Cluster> {
  const folder = join(dataDir, 'cluster');
  const passwordFile = join(dataDir, 'password');
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  if (!exists) await makeCluster(dataDir, folder, passwordFile, { programs, as });
  return { folder, password: (await readFile(passwordFile, 'utf8')).trim() };
}

async function makeCluster(
  dataDir: string,
  folder: string,
  passwordFile: string,
  { programs, as }: { programs: PostgresPrograms; as: Unprivileged },
): Promise<void> {
  const unfinished = `${folder}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 });
  if (as.user !== undefined) {
    for (const path of [unfinished, passwordFile]) await chown(path, as.user.uid, as.user.gid);
  }
  const [file = programs.initdb, ...args] = [
    ...as.prefix,
    programs.initdb,
    ...[`--pgdata=${unfinished}`, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--no-sync'],
  ];
  const user = as.prefix.length > 0 ? {} : as.user;
  await run(file, args, { cwd: dataDir, ...user }).catch((error: unknown) => {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new LocalServerError('start_failed', `PostgreSQL could not prepare ${dataDir}:\n${said.trim()}`);
  });
  await rename(unfinished, folder);
}

/**
 * Deals with the lock file that a killed server leaves behind. A server that still runs on the folder is given a moment to
 * end (its owner may just have been killed); a number that meanwhile belongs to another program is no lock.
 * @throws LocalServerError `data_dir_in_use`
 */
export async function clearStaleLock(folder: string, timeoutMs = 15_000): Promise<void> {
  const file = join(folder, 'postmaster.pid');
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
    if (!(pid > 0) || !isAlive(pid)) return;
    if (!(await servesFolder(pid, folder))) return rm(file, { force: true });
    if (Date.now() > deadline) {
      throw new LocalServerError(
        'data_dir_in_use',
        `A PostgreSQL server (process ${pid}) already runs on ${folder}. Stop it first, or use another folder.`,
      );
    }
    await pause(50);
  }
}

async function servesFolder(pid: number, folder: string): Promise<boolean> {
  const command = await run('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return command.stdout.includes(folder);
}
