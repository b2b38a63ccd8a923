import fc from 'fast-check';
import { people, Product, type Publish } from './approvals-model.fixture.spec.js';

const pick = fc.nat({ max: 999 });
const person = fc.constantFrom(...people);
type Command = (product: Product) => void;
const one = <Item>(items: readonly Item[], at: number): Item | undefined => items[at % Math.max(1, items.length)];
const onPublish =
  (at: number, act: (product: Product, publish: Publish) => void): Command =>
  (product) => {
    const publish = one(product.publishes, at);
    if (publish) act(product, publish);
  };
const onApproval =
  (at: number, act: (product: Product, id: string) => void): Command =>
  (product) => {
    const id = one([...product.approvals.keys()], at);
    if (id !== undefined) act(product, id);
  };

/** Deliveries are frequent, so that publishes get somewhere; each takes any message that was ever sent. */
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.nat({ max: 9 }).map(
      (minor): Command =>
        (product) =>
          product.request(`v1.${minor}.0`),
    ),
  },
  {
    weight: 30,
    arbitrary: pick.map(
      (at): Command =>
        (product) =>
          one(product.post, product.post.length - 1 - (at % 4))?.(),
    ),
  },
  {
    weight: 10,
    arbitrary: pick.map(
      (at): Command =>
        (product) =>
          one(product.post, at)?.(),
    ),
  },
  {
    weight: 20,
    arbitrary: fc
      .tuple(pick, person)
      .map(([at, by]) => onApproval(at, (product, id) => product.vote(id, by, 'approve'))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(pick, person)
      .map(([at, by]) => onApproval(at, (product, id) => product.vote(id, by, 'reject'))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(pick, person)
      .map(([at, by]) =>
        onApproval(at, (product, id) => product.decide(id, { type: 'withdraw', by, roles: ['approver'] })),
      ),
  },
  { weight: 2, arbitrary: fc.constant<Command>((product) => void (product.config += 1)) },
  {
    weight: 1,
    arbitrary: fc.nat({ max: 9 }).map(
      (patch): Command =>
        (product) =>
          void (product.active = `v0.9.${patch}`),
    ),
  },
  { weight: 3, arbitrary: pick.map((at) => onPublish(at, (product, publish) => product.look(publish))) },
  { weight: 1, arbitrary: pick.map((at) => onPublish(at, (product, publish) => product.cancel(publish))) },
  {
    weight: 1,
    arbitrary: fc.nat({ max: 90 }).map(
      (minutes): Command =>
        (product) =>
          product.pass(minutes),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(person, fc.boolean()).map(
      ([who, keeps]): Command =>
        (product) =>
          void product.roles.set(who, keeps ? ['approver'] : ['viewer']),
    ),
  },
);

it('nothing is deployed without a valid quorum over exactly that, and nothing that waits for people holds a slot', () => {
  let deployed = 0;
  let voided = 0;
  fc.assert(
    fc.property(fc.array(command, { minLength: 60, maxLength: 300, size: 'max' }), (commands) => {
      const product = new Product();
      for (const each of commands) each(product);
      const events = product.publishes.flatMap((publish) => publish.events);
      deployed += events.filter(({ type }) => type === 'DeploymentRequested').length;
      voided += events.filter(({ type }) => type === 'ApprovalVoided').length;
    }),
    { numRuns: 100 },
  );
  // It would prove nothing if it never came to that.
  expect(deployed).toBeGreaterThan(0);
  expect(voided).toBeGreaterThan(0);
}, 240_000);
