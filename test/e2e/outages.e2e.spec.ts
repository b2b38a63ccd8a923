import type { DomainEventType } from '@m3/contracts';
import { eventually } from '@m3/testing';
import { useProduct } from './product.fixture.spec.js';
import { expectOneStory } from './stories.fixture.spec.js';
import { artifactsOf, HalfVersionWatch } from './target-state.fixture.spec.js';

const schemas = ['north', 'east', 'south'];
const use = useProduct({ schemas, durability: 'safe' });
const published: string[] = [];
let watch: HalfVersionWatch;

beforeAll(async () => {
  const product = use();
  await product.apply(...schemas.map((schema) => product.document(schema)));
  await product.faults({ latency_ms: 20 });
  watch = new HalfVersionWatch(product.targets, schemas);
});
afterAll(() => watch.stop());

/** Tags a version and waits for the first event of a type about one of its publishes. */
async function begin(version: string, at: DomainEventType): Promise<void> {
  const { log, tag } = bound();
  await tag({ version });
  const [first] = await log.triggered(version, schemas.length);
  if (first !== undefined) await log.reaches(first, at);
}

async function expectAllPublished(version: string): Promise<void> {
  const { log, targets } = bound();
  const ids = await log.triggered(version, schemas.length);
  for (const id of ids) await log.endsAs(id, 'PublishSucceeded');
  published.push(version);
  for (const id of ids) await expectOneStory(use(), id);
  for (const schema of schemas) {
    expect(await targets.state(schema)).toEqual({
      active: version,
      releases: [...published].sort(),
      artifacts: artifactsOf(...published),
    });
  }
  expect(await log.slots()).toEqual({ holders: [], waiting: [] });
  expect(await log.ofType('DeadLetterRecorded')).toEqual([]);
}

describe('the bus', () => {
  it.each<[string, DomainEventType]>([
    ['v1.0.0', 'PublishTriggered'],
    ['v1.1.0', 'BackupRequested'],
    ['v1.2.0', 'VerificationRequested'],
  ])('killed, and all its data deleted, costs no publish (%s, at %s)', async (version, at) => {
    await begin(version, at);
    const nats = busOf();
    await nats.kill();
    await nats.restart({ wipe: true });
    await expectAllPublished(version);
  });

  it('takes a tag at once when it is back', async () => {
    await eventually('the inbox is there again', () =>
      bound()
        .tag({ version: 'v1.3.0' })
        .then(() => true),
    );
    await expectAllPublished('v1.3.0');
  });

  it('may be away for the whole time of a publish', async () => {
    await begin('v1.4.0', 'PublishTriggered');
    await busOf().kill();
    await expectAllPublished('v1.4.0');
    await busOf().restart();
  });

  function busOf() {
    const { local } = use().stack.servers.nats;
    if (local === undefined) throw new Error('the stack started no bus');
    return local;
  }
});

describe('the database', () => {
  it.each<[string, DomainEventType, 'stopped' | 'killed']>([
    ['v2.0.0', 'PublishTriggered', 'stopped'],
    ['v2.1.0', 'BackupRequested', 'killed'],
    ['v2.2.0', 'DeploymentRequested', 'stopped'],
    ['v2.3.0', 'ActivationRequested', 'killed'],
  ])('of the log and of the targets, restarted, costs no publish (%s, at %s, %s)', async (version, at, how) => {
    const { local } = use().stack.servers.postgres;
    await eventually('the bus takes tags', () => begin(version, at).then(() => true));
    if (how === 'killed') await local?.kill();
    await local?.restart();
    await expectAllPublished(version);
  });
});

describe('a reader of the targets, through all of this', () => {
  it('never saw an active version without all its artifacts', () => {
    expect(watch.halves).toEqual([]);
    expect(watch.looks).toBeGreaterThan(100);
  });
});

function bound() {
  const product = use();
  return { log: product.log, targets: product.targets, tag: product.tag.bind(product) };
}
