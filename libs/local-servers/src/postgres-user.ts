import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { LocalServerError } from './local-server-error.js';

const run = promisify(execFile);

/** How to start a program so that it does not run as root, which PostgreSQL refuses to. */
export interface Unprivileged {
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Words to put before the command. */
  readonly prefix: readonly string[];
}

/**
 * For anybody but root: as we are. For root: as the system's user `postgres`, made when missing. That user may not be able
 * to enter the folder of a clone below /root; then it is given the one capability that lets it.
 * @throws LocalServerError `data_dir_unreadable`
 */
export async function unprivileged(folders: readonly string[]): Promise<Unprivileged> {
  if (userInfo().uid !== 0) return { prefix: [] };
  const user = await postgresUser();
  const closed = await firstClosed(folders, user);
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

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  return idsOf('postgres').catch(async () => {
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
    return idsOf('postgres');
  });
}

async function idsOf(name: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

async function firstClosed(
  folders: readonly string[],
  user: { uid: number; gid: number },
): Promise<string | undefined> {
  for (const folder of folders) {
    for (let at = folder; at !== dirname(at); at = dirname(at)) if (!(await mayEnter(at, user))) return at;
  }
  return undefined;
}

async function mayEnter(folder: string, { uid, gid }: { uid: number; gid: number }): Promise<boolean> {
  const entry = await stat(folder);
  if (entry.uid === uid) return (entry.mode & 0o100) !== 0;
  return (entry.mode & (entry.gid === gid ? 0o010 : 0o001)) !== 0;
}
