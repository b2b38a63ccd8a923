import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { problemCodes } from '@m3/contracts';

const repository = resolve(import.meta.dirname, '../..');
const declared = Object.entries(problemCodes).map(([code, { status, meaning }]) => [code, String(status), meaning]);

/** Sources of the product: not its tests, and not the command line, whose codes are its own. */
async function sources(): Promise<readonly string[]> {
  const folders = ['services', 'libs'].map((name) => join(repository, name));
  const entries = await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })));
  const files = entries.flat().filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  const own = paths.filter((path) => !/node_modules|\/dist\/|\.spec\.ts$|services\/cli\/|\/testing\//.test(path));
  return Promise.all(own.map((path) => readFile(path, 'utf8')));
}

/** Codes of refusals as they are written in code: `reject('code', …)`, `refuse('code', …)`. */
const refusals = /\b(?:reject|rejected|refuse)\(\s*'([a-z][a-z_]+)'/g;

describe('the codes of problems', () => {
  it('are declared, each that a refusal has', async () => {
    const used = (await sources()).flatMap((text) => [...text.matchAll(refusals)].map(([, code]) => code ?? ''));
    expect(used.length).toBeGreaterThan(20);
    expect([...new Set(used)].filter((code) => !(code in problemCodes))).toEqual([]);
  });

  it('are listed in their document, with status and meaning', async () => {
    const document = await readFile(join(repository, 'libs/contracts/problem-codes.md'), 'utf8');
    const rows = document
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim().replaceAll('`', ''))
          .slice(1, 4),
      );
    expect(rows).toEqual(declared);
  });
});
