import { GatewayLooks } from './gateway-looks.js';

const url = 'http://gateway.test';

/** A gateway whose dry run and capacity are as given, one answer after the other. */
function gateway(...answers: readonly { readonly ok: boolean; readonly available: number }[]) {
  const left = { check: [...answers], capacity: [...answers] };
  return {
    checkGateway: async () => ({
      ...{ latency_ms: 1, version: '3.0.0', extension: null },
      dry_run: { ok: left.check.shift()?.ok ?? false, message: null },
    }),
    checkCapacity: async () => {
      const available = left.capacity.shift()?.available ?? 0;
      return { outcome: 'known' as const, capacity: 2, used: 2 - available, available };
    },
  };
}

describe('what a gateway says of itself', () => {
  it('serves the publishes that start soon after, as long as it is well', async () => {
    const target = gateway({ ok: true, available: 2 }, { ok: false, available: 0 });
    const looks = new GatewayLooks();
    for (const _ of [1, 2]) {
      expect(await looks.check(url, target)).toMatchObject({ dry_run: { ok: true } });
      expect(await looks.capacity(url, target)).toMatchObject({ available: 2 });
    }
  });

  it('is asked anew by the next publish when it was bad news', async () => {
    const target = gateway({ ok: false, available: 0 }, { ok: true, available: 2 });
    const looks = new GatewayLooks();
    expect(await looks.check(url, target)).toMatchObject({ dry_run: { ok: false } });
    expect(await looks.check(url, target)).toMatchObject({ dry_run: { ok: true } });
    expect(await looks.capacity(url, target)).toMatchObject({ available: 0 });
    expect(await looks.capacity(url, target)).toMatchObject({ available: 2 });
  });
});
