import { binaryArray } from './binary-array.js';
import { createThrowawayLog, type ThrowawayLog } from './throwaway-log.spec.js';

let log: ThrowawayLog;

beforeAll(async () => {
  log = await createThrowawayLog();
});

afterAll(async () => {
  await log.drop();
});

/** What the server makes of it, as text. */
async function received(type: 'json' | 'bytea', elements: readonly (string | Buffer)[]): Promise<string[]> {
  const asText = type === 'json' ? 'element::text' : `encode(element, 'hex')`;
  const { rows } = await log.owner.query<{ element: string }>(
    `SELECT ${asText} AS element FROM unnest($1::${type}[]) AS element`,
    [binaryArray(type, elements)],
  );
  return rows.map(({ element }) => element);
}

describe('an array sent in binary', () => {
  it('brings JSON documents as they were written', async () => {
    const documents = ['{"quote":"\\"","comma":",","brace":"}"}', '{"ü":"→ 𝄞","line":"\\n"}', 'null', '"NULL"'];

    expect(await received('json', documents)).toEqual(documents);
  });

  it('brings bytes', async () => {
    expect(await received('bytea', [Buffer.from([0, 92, 255]), Buffer.alloc(0)])).toEqual(['005cff', '']);
  });

  it('may be empty', async () => {
    expect(await received('json', [])).toEqual([]);
  });

  it('is refused by the server when a document is no JSON', async () => {
    await expect(received('json', ['{}', '{'])).rejects.toMatchObject({ code: '22P02' });
  });
});
