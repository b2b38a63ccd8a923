import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../check/run-program.mjs';
import { build } from '../check/stages.mjs';

/** What was built last: a digest of names, sizes and times of all sources. */
const stamp = join(root, 'node_modules/.cache/m3-publish/built-from');

/** Compiles and packs all packages, unless their sources are those of the last time: asking nx takes seconds, looking takes none. */
export async function buildIfSourcesChanged(onLine) {
  const folders = packageFolders();
  const sources = digestOf(folders);
  const built = folders.every((folder) => outputsOf(folder).every((output) => existsSync(join(root, folder, output))));
  if (built && sources === readStamp()) return { ok: true, note: 'up to date' };
  const result = await build((line) => line.startsWith('> nx run ') && onLine(line.slice('> nx run '.length)));
  if (result.ok) {
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, sources);
  }
  return result;
}

/** Packages of the repository that have something to compile. */
function packageFolders() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return workspaces
    .flatMap((pattern) => (pattern.endsWith('/*') ? foldersIn(pattern.slice(0, -2)) : [pattern]))
    .filter((folder) => existsSync(join(root, folder, 'src')) && filesBelow(join(folder, 'src')).length > 0);
}

function outputsOf(folder) {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return scripts.pack === undefined ? ['dist'] : ['dist', 'packed'];
}

function foldersIn(folder) {
  return readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
}

function digestOf(folders) {
  const hash = createHash('sha256');
  const files = folders.flatMap((folder) => [join(folder, 'package.json'), ...filesBelow(join(folder, 'src'))]);
  for (const file of ['.swcrc', 'infra/pack/pack.mjs', ...files].sort()) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath.slice(root.length + 1), entry.name));
}

function readStamp() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return '';
  }
}
