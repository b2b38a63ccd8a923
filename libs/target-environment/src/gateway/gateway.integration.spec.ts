import { allCapabilities, type Script } from '../fixtures/scripted-gateway.fixture.spec.js';
import { useScriptedTarget, withExtension } from '../fixtures/scripted-target.fixture.spec.js';

const { gateway, target } = useScriptedTarget();

describe('checking the gateway', () => {
  const status: Script = ({ path }) =>
    path === '/status' ? [200, { marie: { marie: '4.1.0', python: '3.12' }, envs: {} }] : undefined;

  it('tells version, latency, extension and dry run of a gateway with everything', async () => {
    const script = withExtension((call) => (call.path === '/dry_run' ? [200, {}] : status(call)));
    expect(await target(script).checkGateway()).toEqual({
      latency_ms: expect.any(Number),
      version: '4.1.0',
      extension: allCapabilities,
      dry_run: { ok: true, message: null },
    });
    expect(gateway.calls.every(({ headers }) => headers.authorization === 'Bearer mas_canary')).toBe(true);
  });

  it('tells that there is no extension', async () => {
    const check = await target((call) => (call.path === '/dry_run' ? [200, { code: 0 }] : status(call))).checkGateway();
    expect(check.extension).toBeNull();
  });

  it.each([[1], ['ERROR']])('reads a failed dry run (code %p) from the body of HTTP 200', async (code) => {
    const failed: Script = (call) =>
      call.path === '/dry_run' ? [200, { code, description: 'no\nexecutor mas_canary' }] : status(call);
    const refused = { ok: false, message: 'no executor ***' };
    expect((await target(failed).checkGateway()).dry_run).toEqual(refused);
    expect(await target(failed).dryRun()).toEqual({ ...refused, latency_ms: expect.any(Number) });
  });

  it.each<[string, Script, object]>([
    ['an error status', () => [503, { detail: 'mas_canary' }], { code: 'http_status', status: 503, retryable: true }],
    [
      'an unknown token',
      () => [401, { detail: 'Invalid token' }],
      { code: 'unauthorized', status: 401, retryable: false },
    ],
    ['a missing token', () => [403, {}], { code: 'forbidden', status: 403 }],
    ['something that is not JSON', () => '<html>proxy</html>', { code: 'not_json' }],
    ['JSON of another form', () => [200, []], { code: 'unexpected_answer' }],
  ])('throws for %s', async (_what, script, failure) => {
    const check = target(script).checkGateway();
    await expect(check).rejects.toMatchObject({ what: 'gateway', ...failure });
    await expect(check).rejects.not.toThrow(/canary/);
  });
});

describe('capacity', () => {
  it.each<[string, Script, object]>([
    [
      'free slots',
      () => [200, { status: 'OK', result: { slots: [], totals: { capacity: 4, used: 4, available: 0 } } }],
      { outcome: 'known', capacity: 4, used: 4, available: 0 },
    ],
    [
      'an error in HTTP 200',
      () => [200, { status: 'error', result: 'Failed to get capacity info' }],
      { outcome: 'unknown' },
    ],
    ['no such call', () => undefined, { outcome: 'unknown' }],
  ])('with %s', async (_what, script, expected) => {
    expect(await target(script).checkCapacity()).toEqual(expected);
  });
});

describe('the extension', () => {
  it('invalidates caches, and tells what is draining and how versions fare', async () => {
    const answers: Record<string, unknown> = {
      invalidate: { active_version: 'v1.0.0', routes: [{ version: 'v1.0.0', weight: 100 }] },
      draining: { executions: [{ version: 'v0.9.0', running: 2 }] },
      metrics: { versions: [{ version: 'v1.0.0', executions: 10, failures: 1, p95_ms: 12.5 }] },
    };
    const made = target(withExtension(({ path }) => [200, answers[path.split('/').at(-1) ?? '']]));
    expect(await made.invalidateCaches()).toEqual({
      outcome: 'invalidated',
      active_version: 'v1.0.0',
      routes: [{ version: 'v1.0.0', weight: 100 }],
    });
    expect(await made.draining()).toEqual({ outcome: 'known', executions: [{ version: 'v0.9.0', running: 2 }] });
    expect(await made.metrics()).toMatchObject({ outcome: 'known', versions: [{ failures: 1 }] });
    expect(gateway.calls.filter(({ path }) => path.endsWith('/capabilities'))).toHaveLength(1);
    expect(gateway.calls.map(({ path }) => path)).toContain('/x-publish/v1/schemas/production/invalidate');
  });

  it('is not imitated where it is missing', async () => {
    const made = target(() => undefined);
    const none = { outcome: 'unsupported' };
    expect(await made.invalidateCaches()).toEqual(none);
    expect(await made.draining()).toEqual(none);
    expect(await made.metrics()).toEqual(none);
    expect(await made.route({ routes: [{ version: 'v1.0.0', weight: 100 }], fence: 1 })).toEqual(none);
    expect(gateway.calls.map(({ path }) => path)).toEqual(['/x-publish/v1/capabilities']);
  });

  it('is unknown, not missing, while the gateway is in trouble', async () => {
    await expect(target(() => [502, {}]).invalidateCaches()).rejects.toMatchObject({ code: 'http_status' });
  });
});
