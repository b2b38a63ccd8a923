import { LockRequests, type LockSession } from './lock-requests.js';

/** A session that counts how many statements are on their way at once. */
function session() {
  let underWay = 0;
  const seen = { most: 0, statements: 0 };
  const query: LockSession['query'] = async ({ values: [wanted] }) => {
    underWay += 1;
    seen.statements += 1;
    seen.most = Math.max(seen.most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return { rows: [{ got: Array.isArray(wanted) ? wanted.map(() => true) : [] }] };
  };
  return { client: { query }, seen };
}

describe('requests for locks and signs of life', () => {
  it('go one after the other over the one connection', async () => {
    const { client, seen } = session();
    const requests = new LockRequests(client);
    const asked = [requests.take('a'), requests.sayAlive(), requests.take('b'), requests.sayAlive()];
    expect(await Promise.all(asked)).toEqual([true, undefined, true, undefined]);
    expect(await requests.take('c')).toBe(true);
    expect(seen.most).toBe(1);
    expect(seen.statements).toBeLessThan(asked.length + 1);
  });
});
