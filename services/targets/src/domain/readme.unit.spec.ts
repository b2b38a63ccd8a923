import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { nameFaults } from './document-names.js';
import { contradictions } from './document-rules.js';
import { readDocument } from './document-shape.js';

/** The examples of the README, as somebody would copy them. */
async function examples(): Promise<readonly object[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/```(?:json|yaml)\n([\s\S]*?)```/g)].map(
    ([, text]) => parse(text ?? '') as object,
  );
  return blocks.flatMap((block) => ('targets' in block ? (block.targets as object[]) : [block]));
}

describe('the documents in the README', () => {
  it('are taken as they are', async () => {
    const read = (await examples()).map(readDocument);
    expect(read).toHaveLength(4);
    expect(read.flatMap((each) => [...each.faults, ...contradictions(each)])).toEqual([]);
    const names = nameFaults(
      read.map(({ sound }) => sound),
      new Map([['Staging', null]]),
    );
    expect(names.flat()).toEqual([]);
  });
});
