import { createServer, type Server } from 'node:http';
import { bundleDigest, type Bundle } from '@m3/artifacts';
import { declared, type EventData } from '@m3/contracts';
import { TargetEnvironments, TargetUnreachableError, type TargetEnvironment } from '@m3/target-environment';
import { useTestDatabase } from '@m3/testing';
import { askTarget } from './ask-target.js';
import { verify } from './verify.js';

/** A target whose database was put back, and a gateway that may not have been told. */

const bundle: Bundle = { workflows: [], agents: [], processors: [], tests: [] };
const fence = 11;
const environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
afterAll(() => environments.close());
const database = useTestDatabase();

let gateway: Server;
let gatewayUrl = '';
/** How often the gateway was told to read again; while it is away it answers nothing but 503. */
let told = 0;
let away = false;
beforeAll(async () => {
  const routing = { active_version: 'v1.2.0', routes: [{ version: 'v1.2.0', weight: 100 }] };
  const capabilities = {
    version: 1,
    routes: true,
    cache_invalidation: true,
    reload: true,
    execute: true,
    metrics: true,
  };
  const answerTo = (path: string): object => {
    if (path.endsWith('/capabilities')) return capabilities;
    if (path.endsWith('/invalidate')) {
      told += 1;
      return routing;
    }
    return path === '/status' ? { marie: { version: '4.0.0' } } : { code: 0 };
  };
  gateway = createServer((request, response) => {
    const path = request.url ?? '/';
    const [status, body] = away ? [503, {}] : [200, answerTo(path)];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const address = gateway.address();
  if (address !== null && typeof address === 'object') gatewayUrl = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
});
beforeEach(() => {
  [told, away] = [0, false];
});

let made = 0;
/** v1.2.0 is active again, put back under the fence of the restore; v1.3.0 is still there. */
async function putBack(): Promise<TargetEnvironment> {
  const address = { databaseUrl: database.url, schema: `restored_${++made}` };
  await environments.initialise(address);
  const target = environments.open({ ...address, gatewayUrl });
  const release = { project: 'invoice-pipeline', bundle, bundleDigest: bundleDigest(bundle) };
  await target.deploy({ ...release, version: 'v1.2.0', fence: 9 });
  await target.activate({ version: 'v1.2.0', expectedVersion: null, fence: 9 });
  const snapshot = await target.snapshot();
  await target.deploy({ ...release, version: 'v1.3.0', fence: 10 });
  await target.restore({ snapshot, fence });
  return target;
}

function asked(target: TargetEnvironment, final: boolean, under = fence) {
  const { subject, ...example } = declared('TargetStateRequested').example;
  const request: EventData<'TargetStateRequested'> = {
    ...{ ...example, fence: under, step: 'rolling_back' },
    subject: { ...subject, version: 'v1.3.0', bundle_digest: bundleDigest(bundle) },
  };
  return askTarget({ target, request, final });
}

function verified(target: TargetEnvironment, final: boolean) {
  const { example } = declared('VerificationRequested');
  const restored = { verifies: 'rollback', expected_version: 'v1.2.0', smoke_tests: false } as const;
  const now = () => new Date('2026-03-19T14:23:45.000Z');
  return verify({ target, bundle, request: { ...example, ...restored }, now, final });
}

describe('a target that is asked about a restore', () => {
  it('has what that had left to do done: the version is taken away, and the gateway told', async () => {
    const target = await putBack();
    const { found } = await asked(target, false);
    expect(found).toMatchObject({ active_version: 'v1.2.0', fence, release: 'absent', gateway: 'answers' });
    expect(told).toBe(1);
  });

  it('is asked again while its gateway cannot be told; in the end that is said', async () => {
    const target = await putBack();
    await target.invalidateCaches();
    away = true;
    await expect(asked(target, false)).rejects.toBeInstanceOf(TargetUnreachableError);
    expect((await asked(target, true)).found).toMatchObject({ active_version: 'v1.2.0', gateway: 'silent' });
  });

  it('is left alone if it was not put back', async () => {
    const target = await putBack();
    const { found } = await asked(target, false, fence + 1);
    expect(found).toMatchObject({ fence, release: 'present' });
    expect(told).toBe(0);
  });
});

describe('the verification of what was restored', () => {
  it('tells the gateway first, which may not know yet', async () => {
    expect(await verified(await putBack(), false)).toMatchObject({ outcome: 'passed' });
    expect(told).toBe(1);
  });

  it('waits for a gateway that is away, and has failed if it stays so', async () => {
    const target = await putBack();
    await target.invalidateCaches();
    away = true;
    await expect(verified(target, false)).rejects.toBeInstanceOf(TargetUnreachableError);
    const { outcome, checks } = await verified(target, true);
    expect(outcome).toBe('failed');
    expect(checks.filter((check) => check.outcome === 'failed').map(({ name }) => name)).toEqual(['gateway']);
  });
});
