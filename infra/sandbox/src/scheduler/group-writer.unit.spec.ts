import { GroupWriter } from './group-writer.js';

test('what arrives during a write goes together in the next one', async () => {
  const groups: string[][] = [];
  const writer = new GroupWriter<string>(async (items) => {
    groups.push([...items]);
    await Promise.resolve();
  });

  await Promise.all(['a', 'b', 'c'].map((item) => writer.add(item)));
  await writer.add('d');

  expect(groups).toEqual([['a'], ['b', 'c'], ['d']]);
});

test('an item that cannot be written fails alone', async () => {
  const written: string[] = [];
  const writer = new GroupWriter<string>((items) => {
    if (items.includes('bad')) return Promise.reject(new Error('bad item'));
    written.push(...items);
    return Promise.resolve();
  });

  const results = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((item) => writer.add(item)));

  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(written).toEqual(['a', 'b', 'c']);
});
