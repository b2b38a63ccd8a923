import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTargetFiles } from './target-files.js';

describe('files of targets', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'm3-cli-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const nothing = { stdin: pieces() };
  async function* pieces(...texts: string[]): AsyncGenerator<string> {
    yield* texts;
  }
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it.each([
    ['one JSON document', '{"name": "A"}', ['A']],
    ['a list', '[{"name": "A"}, {"name": "B"}]', ['A', 'B']],
    ['several under "targets"', '{"targets": [{"name": "A"}, {"name": "B"}]}', ['A', 'B']],
    ['YAML', 'name: A\nenvironment: dev\n', ['A']],
    ['several YAML documents', 'name: A\n---\nname: B\n---\n', ['A', 'B']],
    ['YAML anchors', 'targets:\n  - &base {name: A}\n  - {<<: *base, name: B}\n', ['A', 'B']],
  ])('hold %s', async (_, text, names) => {
    const sources = await readTargetFiles([file('targets.yaml', text)], nothing);
    expect(sources.map(({ document }) => document)).toEqual(
      names.map((name): unknown => expect.objectContaining({ name })),
    );
  });

  it('are read in order, stdin among them', async () => {
    const sources = await readTargetFiles([file('a.json', '{"name":"A"}'), '-'], { stdin: pieces('name: ', 'B') });
    expect(sources.map(({ label }) => label)).toEqual([`${join(folder, 'a.json')}: A`, 'stdin: B']);
  });

  it('are refused with file and line, without repeating a password', async () => {
    const reading = readTargetFiles([file('bad.yaml', 'name: A\ndatabase_url: "postgres://u:hush@h/d\n')], nothing);
    await expect(reading).rejects.toMatchObject({
      message: expect.stringMatching(/bad\.yaml .*line \d+/),
      exitCode: 2,
    });
    await expect(reading).rejects.not.toMatchObject({ message: expect.stringContaining('hush') });
  });

  it.each([
    ['nothing', ''],
    ['a text', 'hello'],
    ['a list of numbers', '[1]'],
  ])('are refused with %s in them', async (_, text) => {
    await expect(readTargetFiles([file('x.yaml', text)], nothing)).rejects.toMatchObject({
      exitCode: 2,
      field: 'file',
    });
  });

  it('are refused when they cannot be read', async () => {
    await expect(readTargetFiles([join(folder, 'missing.json')], nothing)).rejects.toMatchObject({
      code: 'file_unreadable',
    });
  });
});
