import { GroupCommit, type Touched } from './group-commit.js';

interface Sent {
  readonly batch: readonly string[];
  answer(answers?: readonly (string | Error)[]): Promise<void>;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

function groupCommit(concurrency: number, batchSize: number) {
  const sent: Sent[] = [];
  const group = new GroupCommit<string, string>(
    (batch) =>
      new Promise((resolve) => {
        sent.push({
          batch,
          answer: async (answers) => {
            resolve(answers ?? batch);
            await turn();
          },
        });
      }),
    { concurrency, batchSize },
  );
  const submit = (name: string, touched: Partial<Touched>) =>
    group.submit(name, { reads: [], writes: [], size: 1, ...touched });
  return { sent, submit, group };
}

const batches = (sent: readonly Sent[]) => sent.map(({ batch }) => batch);

describe('group commit', () => {
  it('sends what arrives together as one batch, and what arrives meanwhile in the next', async () => {
    const { sent, submit } = groupCommit(1, 10);
    const first = [submit('a', { writes: ['a'] }), submit('b', { writes: ['b'] })];
    await turn();
    const second = [submit('c', { writes: ['c'] }), submit('d', { writes: ['d'] })];
    await turn();
    expect(batches(sent)).toEqual([['a', 'b']]);

    await sent[0]?.answer();

    expect(await Promise.all(first)).toEqual(['a', 'b']);
    expect(batches(sent)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    await sent[1]?.answer();
    expect(await Promise.all(second)).toEqual(['c', 'd']);
  });

  it('gives each request its own answer, refusals too', async () => {
    const { sent, submit } = groupCommit(1, 10);
    const both = Promise.allSettled([submit('fine', {}), submit('refused', {})]);
    await turn();

    await sent[0]?.answer(['well', new Error('no')]);

    expect(await both).toEqual([
      { status: 'fulfilled', value: 'well' },
      { status: 'rejected', reason: new Error('no') },
    ]);
  });

  it('fails a whole batch that could not be sent, and goes on', async () => {
    let works = false;
    const group = new GroupCommit<string, string>(
      (batch) => (works ? Promise.resolve(batch) : Promise.reject(new Error('no server'))),
      { concurrency: 1, batchSize: 10 },
    );
    const touched = { reads: [], writes: ['x'], size: 1 };
    await expect(group.submit('a', touched)).rejects.toThrow('no server');
    works = true;
    await expect(group.submit('b', touched)).resolves.toBe('b');
  });

  it('never has two requests on one stream under way, and keeps their order', async () => {
    const { sent, submit } = groupCommit(4, 10);
    void submit('first on x', { writes: ['x'] });
    void submit('second on x, and y', { writes: ['x', 'y'] });
    void submit('on y, after the second', { writes: ['y'] });
    void submit('on z', { writes: ['z'] });
    await turn();
    expect(batches(sent)).toEqual([['first on x', 'on z']]);

    await sent[0]?.answer();
    expect(batches(sent).slice(1)).toEqual([['second on x, and y']]);

    await sent[1]?.answer();
    expect(batches(sent).slice(2)).toEqual([['on y, after the second']]);
    await sent[2]?.answer();
  });

  it('lets readers of a stream travel together, but not with its writer', async () => {
    const { sent, submit } = groupCommit(4, 10);
    void submit('reads', { reads: ['policy'], writes: ['a'] });
    void submit('reads too', { reads: ['policy'], writes: ['b'] });
    void submit('writes', { writes: ['policy'] });
    void submit('reads after', { reads: ['policy'], writes: ['c'] });
    await turn();
    expect(batches(sent)).toEqual([['reads', 'reads too']]);

    await sent[0]?.answer();
    expect(batches(sent).slice(1)).toEqual([['writes']]);
    await sent[1]?.answer();
    expect(batches(sent).slice(2)).toEqual([['reads after']]);
    await sent[2]?.answer();
  });

  it('fills batches up to their size, and sends a larger request alone', async () => {
    const { sent, submit } = groupCommit(9, 4);
    void submit('3', { size: 3 });
    void submit('9', { size: 9 });
    void submit('1', { size: 1 });
    void submit('2', { size: 2 });
    await turn();

    expect(batches(sent)).toEqual([['3', '1'], ['9'], ['2']]);
    await Promise.all(sent.map(({ answer }) => answer()));
  });

  it('has no more batches under way than it may', async () => {
    const { sent, submit } = groupCommit(2, 1);
    const all = ['a', 'b', 'c'].map((name) => submit(name, { writes: [name] }));
    await turn();
    expect(batches(sent)).toEqual([['a'], ['b']]);

    await sent[1]?.answer();
    expect(batches(sent)).toEqual([['a'], ['b'], ['c']]);
    await sent[0]?.answer();
    await sent[2]?.answer();
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c']);
  });
});
