import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const pack = fileURLToPath(new URL('./pack.mjs', import.meta.url));
const where: string = new URL('./where.mjs', import.meta.url).href;
const { inSources }: { inSources(text: string, folder: string): string } = await import(where);

const PROGRAM = `import { fail } from './fail.js';

// A comment that is not packed.
fail('as asked');
`;
const FAIL = `export function fail(why) {
  throw new Error(why);
}
`;

describe('a packed program', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'm3-pack-'));
    const service = join(folder, 'services/sample');
    await mkdir(join(service, 'dist'), { recursive: true });
    await writeFile(join(service, 'package.json'), '{ "type": "module" }');
    await writeFile(join(service, 'dist/main.js'), PROGRAM);
    await writeFile(join(service, 'dist/fail.js'), FAIL);
    await run(process.execPath, [pack], { cwd: service });
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('runs from one file, and its traces lead to the sources', async () => {
    const alone = join(folder, 'services/sample/packed/main.js');
    await rm(join(folder, 'services/sample/dist'), { recursive: true });

    const trace = await run(process.execPath, [alone]).then(() => 'it has not failed', String);

    expect(trace).toContain('Error: as asked');
    expect(inSources(trace, folder)).toContain('at fail (services/sample/dist/fail.js:2:9)');
    expect(inSources(trace, folder)).toContain('services/sample/dist/main.js:4:1');
  });

  it('whose map is gone keeps its places in a trace', () => {
    const trace = 'at fail (file:///somewhere/services/gone/packed/main.js:1:2)';

    expect(inSources(trace, folder)).toBe(trace);
  });
});
