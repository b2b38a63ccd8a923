import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { LocalServerError } from './local-server-error.js';

const run = promisify(execFile);

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** How to start a program so that it does not run as root, which PostgreSQL refuses to. */
export interface Unprivileged {
  readonly user?: SystemUser;
  /** Words to put before the command. */
  readonly prefix: readonly string[];
}

/**
 * For anybody but root: as we are. For root: as the system's user `postgres`, made when missing. That user may not be able
 * to enter a data folder below /root; then it is given the one capability that lets it.
 * @throws LocalServerError `data_dir_unreadable`
 */
export async function unprivileged(dataDir: string): Promise<Unprivileged> {
  if (userInfo().uid !== 0) return { prefix: [] };
  const user = await postgresUser();
  const closed = await closedFolder(dataDir, user);
  if (closed === undefined) return { user, prefix: [] };
  const prefix = [
    ...['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'],
    ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override'],
  ];
  await run('setpriv', [...prefix.slice(1), 'true']).catch(() => {
    throw new LocalServerError(
      'data_dir_unreadable',
      `PostgreSQL runs as the user "postgres", who may not enter ${closed}. ` +
        `Run "chmod o+x ${closed}", use a folder outside of it, or run as a user other than root.`,
    );
  });
  return { user, prefix };
}

async function postgresUser(): Promise<SystemUser> {
  return idsOf('postgres').catch(async () => {
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
    return idsOf('postgres');
  });
}

async function idsOf(name: string): Promise<SystemUser> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

/** The first folder on the way from the root to `path` that the user may not enter; undefined when there is none. */
export async function closedFolder(path: string, user: SystemUser): Promise<string | undefined> {
  let closed: string | undefined;
  for (let at = path; at !== dirname(at); at = dirname(at)) if (!(await mayEnter(at, user))) closed = at;
  return closed;
}

async function mayEnter(folder: string, { uid, gid }: SystemUser): Promise<boolean> {
  const entry = await stat(folder);
  if (entry.uid === uid) return (entry.mode & 0o100) !== 0;
  return (entry.mode & (entry.gid === gid ? 0o010 : 0o001)) !== 0;
}
