import { TargetDetail, type DomainEventType, type TargetDocument } from '@m3/contracts';
import { snapshotDigest } from '@m3/target-environment';
import { useProduct } from './product.fixture.spec.js';
import { release } from './releases.fixture.spec.js';
import { rows } from './rows.fixture.spec.js';

/** Who dies, and at which event. */
const kills = rows<DomainEventType>(
  ['TrafficShiftRequested', 'TrafficReturnRequested'],
  ['TrafficShifted', 'TrafficJudged'],
);
const schemas = [
  'canary',
  'blue_green',
  'broken',
  'quiet',
  'unwanted',
  'rolled_back',
  ...kills.map((at) => at.toLowerCase()),
];
const use = useProduct({ schemas });

const badExecutor = 'broken_executor://';
/** A share goes on when the version has had this many executions, however long that takes: so the tests need no clock. */
const enough = 4;
const patient = { min_requests: enough, extend_seconds: 3_600 };
const steps = (...weights: readonly number[]) => weights.map((weight) => ({ weight, pause_seconds: 0 }));
const canary: Partial<TargetDocument> = {
  deployment_strategy: 'canary',
  canary: { steps: steps(25, 50, 100), ...patient },
};

beforeAll(() => use().faults({ failing_executor: badExecutor }));

/** A target of its own with a version of its own on it. */
async function targetWith(schema: string, fields: Partial<TargetDocument> = canary) {
  const { document, apply, environment } = bound();
  const major = schemas.indexOf(schema) + 1;
  const [old, next] = [`v${major}.0.0`, `v${major}.1.0`];
  await apply(document(schema, { triggers: { version_pattern: `v${major}.*.*` }, ...fields }));
  await use().log.endsAs(await tagged(old), 'PublishSucceeded');
  const before = snapshotDigest(await environment(schema).snapshot());
  return { schema, old, next, before, path: `targets/${encodeURIComponent(`Target ${schema}`)}` };
}

async function tagged(version: string, executor?: string): Promise<string> {
  await use().tag({ version, bundle: release(version, executor === undefined ? {} : { executor }) });
  const [id = ''] = await use().log.triggered(version);
  return id;
}

/** What users of the gateway do, one after the other; answers the version that each execution ran on. */
async function used(schema: string, times: number): Promise<readonly (string | null)[]> {
  const versions: (string | null)[] = [];
  for (let time = 0; time < times; time += 1) {
    const run = await use()
      .environment(schema)
      .runWorkflow({ workflow: 'invoice-extraction', input: {}, deadlineMs: 30_000 });
    versions.push(run.version);
  }
  return versions;
}

const share = (versions: readonly (string | null)[], version: string): number =>
  versions.filter((each) => each === version).length / versions.length;

const reaches = (id: string, type: DomainEventType, times?: number) => use().log.reaches(id, type, times);

/** The target is as it was before, and nothing but the old version gets executions. */
async function expectBack({ schema, old, before }: Awaited<ReturnType<typeof targetWith>>): Promise<void> {
  const { environment, log } = bound();
  expect(snapshotDigest(await environment(schema).snapshot())).toBe(before);
  expect(await used(schema, 4)).toEqual([old, old, old, old]);
  expect(await log.slots()).toEqual({ holders: [], waiting: [] });
}

describe('a canary', () => {
  it('gets its shares exactly, one after the other, and becomes the active version when all went well', async () => {
    const { schema, old, next } = await targetWith('canary');
    const { log, environment } = bound();
    const id = await tagged(next);

    await reaches(id, 'TrafficShifted', 1);
    expect(share(await used(schema, 12), next)).toBe(0.25);
    expect((await environment(schema).releaseState()).active).toMatchObject({ version: old });
    await used(schema, 4);
    await reaches(id, 'TrafficShifted', 2);
    expect(share(await used(schema, 6), next)).toBe(0.5);
    await used(schema, 2);

    await log.endsAs(id, 'PublishSucceeded');
    expect(await used(schema, 4)).toEqual([next, next, next, next]);
    const types = (await log.about(id)).map(({ type }) => type).filter((type) => type.startsWith('Traffic'));
    const looks = types.filter((type) => type !== 'TrafficJudged');
    expect(looks).toEqual(['TrafficShiftRequested', 'TrafficShifted', 'TrafficShiftRequested', 'TrafficShifted']);
    const judged = (await log.ofType('TrafficJudged')).filter(({ data }) => data.publish_id === id);
    expect(judged.filter(({ data }) => data.outcome === 'passed')).toMatchObject([
      { data: { step: 1, weight: 25, measured: { executions: enough, failures: 0 } } },
      { data: { step: 2, weight: 50, measured: { executions: enough, failures: 0 } } },
    ]);
  });

  it('that fails gets no executions any more at once, and is rolled back; the target is held', async () => {
    const target = await targetWith('broken');
    const { schema, next, path, old } = target;
    const { log, shows } = bound();
    const id = await tagged(next, badExecutor);
    await reaches(id, 'TrafficShifted');
    await used(schema, 16);

    expect(await log.endsAs(id, 'PublishRolledBack')).toMatchObject({
      data: {
        code: 'error_rate_too_high',
        restored_version: old,
        reason: expect.stringContaining('100 % of them failed'),
      },
    });
    await expectBack(target);
    await shows(path, TargetDetail, ({ status, active }) => status === 'held' && active?.version === old);
  });

  it('that nobody uses is no success: it goes back when the wait for executions is over', async () => {
    const target = await targetWith('quiet', {
      deployment_strategy: 'canary',
      canary: { steps: steps(25, 100), min_requests: enough, extend_seconds: 1 },
    });
    const id = await tagged(target.next);
    expect(await use().log.endsAs(id, 'PublishRolledBack')).toMatchObject({ data: { code: 'too_few_requests' } });
    await expectBack(target);
  });

  it('that is cancelled goes back at once', async () => {
    const target = await targetWith('unwanted');
    const { log, call } = bound();
    const id = await tagged(target.next);
    await reaches(id, 'TrafficShifted');
    await used(target.schema, 4);
    expect(await call(`publishes/${id}/cancel`, { body: { reason: 'wrong totals' } })).toMatchObject({ status: 202 });

    expect(await log.endsAs(id, 'PublishRolledBack')).toMatchObject({ data: { code: 'cancelled' } });
    await expectBack(target);
  });

  it('is outranked by a rollback that somebody asks for: it ends in its favour', async () => {
    const target = await targetWith('rolled_back');
    const { log, call } = bound();
    const id = await tagged(target.next);
    await reaches(id, 'TrafficShifted');
    const asked = await call(`${target.path}/rollback`, { body: { reason: 'wrong totals' } });
    expect(asked).toMatchObject({ status: 202, json: { version: target.old } });

    const rollback = /pub_[0-9a-f-]{36}/.exec(asked.text)?.[0] ?? '';
    await log.endsAs(id, 'PublishSuperseded');
    await log.endsAs(rollback, 'PublishSucceeded');
    await expectBack(target);
  });
});

describe('blue-green', () => {
  it('lets both versions serve as the split says, then switches', async () => {
    const { schema, next } = await targetWith('blue_green', {
      deployment_strategy: 'blue_green',
      blue_green: {
        switch_after_seconds: 0,
        traffic_split: { blue: 75, green: 25 },
        rollback_on_error_rate: 5,
        ...patient,
      },
    });
    const id = await tagged(next);
    await reaches(id, 'TrafficShifted');
    expect(share(await used(schema, 12), next)).toBe(0.25);
    await used(schema, 4);
    await use().log.endsAs(id, 'PublishSucceeded');
    expect(await used(schema, 4)).toEqual([next, next, next, next]);
  });
});

describe('kill -9 of the deployer while traffic is split', () => {
  it.each(kills)(
    'at %s costs nothing: each share is brought once, and the publish ends as it would have',
    async (at) => {
      const target = await targetWith(at.toLowerCase());
      const { schema, next } = target;
      const { log, stack } = bound();
      const fails = at === 'TrafficReturnRequested';
      const id = await tagged(next, fails ? badExecutor : undefined);
      const using = keepUsing(schema);
      await reaches(id, at);
      await stack.services.deployer.kill();
      await stack.services.deployer.restart();

      await log.endsAs(id, fails ? 'PublishRolledBack' : 'PublishSucceeded');
      await using.stop();
      const types = (await log.about(id)).map(({ type }) => type);
      const once = [
        'TrafficReturnRequested',
        'RestoreRequested',
        'BackupRestored',
        'ActivationRequested',
        'VersionActivated',
      ];
      for (const type of once) expect(types.filter((each) => each === type).length).toBeLessThanOrEqual(1);
      const shifts = (await log.ofType('TrafficShifted')).filter(({ data }) => data.publish_id === id);
      expect(shifts.map(({ data }) => data.step)).toEqual(fails ? [1] : [1, 2]);
      if (fails) await expectBack(target);
      else expect(await used(schema, 4)).toEqual([next, next, next, next]);
    },
  );

  function keepUsing(schema: string) {
    const users = new AbortController();
    const done = (async () => {
      while (!users.signal.aborted) await used(schema, 1);
    })();
    return {
      stop: () => {
        users.abort();
        return done;
      },
    };
  }
});

/** The parts of the product that the tests use most. */
function bound() {
  const product = use();
  return {
    log: product.log,
    stack: product.stack,
    call: product.call.bind(product),
    shows: product.shows.bind(product),
    apply: product.apply.bind(product),
    document: product.document.bind(product),
    environment: product.environment.bind(product),
  };
}
