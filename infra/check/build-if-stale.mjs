import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Compiles a package when its `dist` is missing or older than a source file. */
export function buildIfStale(folder) {
  const built = newest(join(root, folder, 'dist'));
  if (built > newest(join(root, folder, 'src'))) return;
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/@swc/cli/bin/swc.js'), 'src', '--out-dir', 'dist', ...flags],
    {
      cwd: join(root, folder),
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
}

const flags = ['--strip-leading-paths', '--config-file', join(root, '.swcrc'), '--quiet'];

function newest(folder) {
  try {
    return Math.max(0, ...readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs));
  } catch {
    return 0;
  }
}
