import { bundleDigest, type Bundle } from '@m3/artifacts';
import { declared, type EventData } from '@m3/contracts';
import { startSandboxGateway, type SandboxGateway } from '@m3/sandbox';
import { TargetEnvironments, type TargetEnvironment } from '@m3/target-environment';
import { useTestDatabase } from '@m3/testing';
import { measureTraffic, returnTraffic, shiftTraffic } from './shift-traffic.js';

const token = 'mas_test';
const now = () => new Date('2026-03-19T14:23:45.000Z');
const [old, next] = ['v1.2.0', 'v1.3.0'] as const;
const badExecutor = 'broken_executor://';
const environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
let gateway: SandboxGateway;
afterAll(() => Promise.all([gateway.close(), environments.close()]));
const database = useTestDatabase();

beforeAll(async () => {
  gateway = await startSandboxGateway({ databaseUrl: database.url, token });
  gateway.faults.set({ failing_executor: badExecutor });
});

function bundleOf(version: string): Bundle {
  const executor = version === next ? badExecutor : 'extract_executor://';
  const node = {
    ...{
      task_id: '0197a4e2-1c01-7000-8000-000000000001',
      query_str: version,
      dependencies: [],
      node_type: 'EXTRACTOR',
    },
    definition: { method: 'EXECUTOR_ENDPOINT', endpoint: `${executor}document/extract`, params: { layout: version } },
  };
  return { workflows: [{ name: 'extract', plan: { nodes: [node] } }], agents: [], processors: [], tests: [] };
}

let made = 0;
/** The old version is active; the new one, which fails, is deployed beside it. */
async function targetOf(gatewayUrl = gateway.url): Promise<TargetEnvironment> {
  const address = { databaseUrl: database.url, schema: `shared_${++made}` };
  await environments.initialise(address);
  const target = environments.open({ ...address, gatewayUrl, gatewayToken: token });
  for (const version of [old, next]) {
    const bundle = bundleOf(version);
    const contents = { project: 'invoice-pipeline', bundle, bundleDigest: bundleDigest(bundle) };
    await target.deploy({ ...contents, version, fence: 100 });
  }
  await target.activate({ version: old, expectedVersion: null, fence: 100 });
  return target;
}

const { subject } = declared('TrafficShiftRequested').example;
const to = (version: string) => ({ ...subject, version });
const share = (weight: number, fence: number, version: string = next): EventData<'TrafficShiftRequested'> => ({
  ...declared('TrafficShiftRequested').example,
  ...{ subject: to(version), from_version: old, weight, fence },
});
const back = (fence: number): EventData<'TrafficReturnRequested'> => ({
  ...declared('TrafficReturnRequested').example,
  ...{ subject: to(next), back_to: old, fence },
});

async function used(target: TargetEnvironment, times: number, version?: string) {
  const versions: (string | null)[] = [];
  for (let time = 0; time < times; time += 1) {
    const wanted = { workflow: 'extract', input: {}, deadlineMs: 10_000, ...(version ? { version } : {}) };
    versions.push((await target.runWorkflow(wanted)).version);
  }
  return versions.filter((each) => each === next).length;
}

describe('a share of the traffic', () => {
  it('is routed at once, exactly, and measured from then on; what was counted before does not matter', async () => {
    const target = await targetOf();
    await used(target, 3, next);
    const shifted = await shiftTraffic({ target, request: share(25, 101), now });
    expect(shifted).toMatchObject({ outcome: 'shifted', counted: { executions: 3, failures: 3 } });
    expect(await used(target, 8)).toBe(2);

    if (shifted.outcome !== 'shifted') throw new Error('it was not shifted');
    const look = { target, version: next, counted: shifted.counted };
    expect(await measureTraffic(look, {})).toMatchObject({ executions: 2, failures: 2 });
    expect(await measureTraffic({ ...look, version: 'v9.0.0' }, {})).toMatchObject({ executions: 0, p95_ms: null });
  });

  it('is everything, if the strategy says so: the pointer stays where it is', async () => {
    const target = await targetOf();
    await shiftTraffic({ target, request: share(100, 101), now });
    expect(await used(target, 4)).toBe(4);
    expect((await target.releaseState()).active?.version).toBe(old);
  });

  it('goes back at once', async () => {
    const target = await targetOf();
    await shiftTraffic({ target, request: share(50, 101), now });
    expect(await returnTraffic({ target, request: back(102), now })).toMatchObject({ outcome: 'returned' });
    expect(await used(target, 4)).toBe(0);
  });

  it('comes too late for a target that somebody newer has, in either direction', async () => {
    const target = await targetOf();
    await shiftTraffic({ target, request: share(50, 102), now });
    await returnTraffic({ target, request: back(103), now });
    expect(await shiftTraffic({ target, request: share(25, 101), now })).toMatchObject({
      ...{ outcome: 'failed', code: 'fenced', unknown: null },
    });
    expect(await returnTraffic({ target, request: back(102), now })).toMatchObject({ outcome: 'fenced' });
    expect(await used(target, 4)).toBe(0);
  });

  it('is refused of a version that is not on the target', async () => {
    const target = await targetOf();
    expect(await shiftTraffic({ target, request: share(50, 101, 'v9.0.0'), now })).toMatchObject({
      ...{ outcome: 'failed', code: 'release_missing', unknown: null },
    });
  });

  it('is refused by a gateway that does not count, or does not route: nothing was changed', async () => {
    const sound = await targetOf();
    const unsupported = () => Promise.resolve({ outcome: 'unsupported' } as const);
    for (const missing of ['metrics', 'route'] as const) {
      const target = { ...sound, [missing]: unsupported };
      expect(await shiftTraffic({ target, request: share(50, 101), now })).toMatchObject({
        ...{ outcome: 'failed', code: 'strategy_unsupported', unknown: null },
      });
    }
    const deaf = { ...sound, metrics: unsupported };
    expect(
      await measureTraffic({ target: deaf, version: next, counted: { executions: 0, failures: 0 } }, {}),
    ).toBeNull();
    expect(await used(sound, 2)).toBe(0);
  });
});
