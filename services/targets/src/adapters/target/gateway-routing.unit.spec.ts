import { gatewaysThrough } from './gateway-routing.js';

const able = { version: 1, routes: true, cache_invalidation: true, reload: true, execute: true, metrics: true };
const asked = (capabilities: typeof able | null) =>
  gatewaysThrough({ capabilities: () => Promise.resolve(capabilities) }).canRouteByVersion('https://g.example.com');

describe('a gateway', () => {
  it('can route by version when it says so, and counts what each version does', async () => {
    expect(await asked(able)).toBe(true);
    expect(await asked({ ...able, routes: false })).toBe(false);
    expect(await asked({ ...able, metrics: false })).toBe(false);
  });

  it('cannot without the extension', async () => {
    expect(await asked(null)).toBe(false);
  });
});
