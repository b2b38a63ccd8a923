import fc from 'fast-check';
import { people, Product } from './approvals-model.fixture.spec.js';

type Command = (product: Product) => Promise<void> | void;
const pick = fc.nat({ max: 999 });
const person = fc.constantFrom(...people);
const weighted = (weight: number, arbitrary: fc.Arbitrary<Command>) => ({ weight, arbitrary });

/** Turns and deliveries are frequent, so that publishes get somewhere. */
const command: fc.Arbitrary<Command> = fc.oneof(
  weighted(
    80,
    fc.tuple(pick, fc.integer({ min: 1, max: 8 })).map(([which, times]) => async (product) => {
      for (let turn = 0; turn < times; turn++) await product.turns.give(which + turn);
    }),
  ),
  weighted(
    30,
    fc.tuple(pick, fc.integer({ min: 1, max: 3 })).map(
      ([which, many]) =>
        (product) =>
          product.deliverNext(which, many),
    ),
  ),
  weighted(
    4,
    fc.constant((product) => product.rest()),
  ),
  weighted(
    30,
    fc.tuple(fc.nat({ max: 3 }), pick).map(
      ([back, which]) =>
        (product) =>
          product.deliver(back, which),
    ),
  ),
  weighted(
    8,
    fc.tuple(pick, pick).map(
      ([back, which]) =>
        (product) =>
          product.deliver(back, which),
    ),
  ),
  weighted(
    2,
    fc.nat({ max: 9 }).map((minor) => (product) => product.request(`v1.${minor}.0`)),
  ),
  weighted(
    24,
    fc.tuple(pick, person).map(
      ([which, by]) =>
        (product) =>
          product.vote(which, by, 'approve'),
    ),
  ),
  weighted(
    1,
    fc.tuple(pick, person).map(
      ([which, by]) =>
        (product) =>
          product.vote(which, by, 'reject'),
    ),
  ),
  weighted(
    3,
    fc.tuple(pick, person).map(
      ([which, by]) =>
        (product) =>
          product.withdraw(which, by),
    ),
  ),
  weighted(
    1,
    fc.constant((product) => product.configure()),
  ),
  weighted(
    3,
    pick.map((which) => (product) => product.look(which)),
  ),
  weighted(
    1,
    pick.map((which) => (product) => product.cancel(which)),
  ),
  weighted(
    1,
    fc.nat({ max: 70 }).map((minutes) => (product) => product.pass(minutes)),
  ),
  weighted(
    2,
    fc.tuple(person, fc.constantFrom('approver', 'viewer')).map(
      ([who, role]) =>
        (product) =>
          product.hire(who, role),
    ),
  ),
  weighted(
    6,
    pick.map((which) => (product) => product.dismissWhileVoting(which)),
  ),
  weighted(
    4,
    fc.tuple(pick, fc.constantFrom('configuration' as const, 'freeze' as const)).map(
      ([which, change]) =>
        (product) =>
          product.changeWhileStarting(which, change),
    ),
  ),
  weighted(
    6,
    pick.map((which) => (product) => product.thaw(which)),
  ),
  weighted(
    4,
    fc.tuple(pick, person).map(
      ([which, who]) =>
        (product) =>
          product.see(which, who),
    ),
  ),
  weighted(
    6,
    pick.map((which) => (product) => product.restart(which)),
  ),
);

/** Whatever came before: each of the moments at which a replica is wrong about what it is going to append. */
async function closing(product: Product, which: number): Promise<void> {
  await product.settle();
  await product.thaw(which);
  await product.request('v2.0.0');
  await product.catchUp();
  await product.approveAlmost();
  await product.dismissWhileVoting(which);
  await product.rest();
  await product.approveAll();
  await product.changeWhileStarting(which, 'configuration');
  await product.catchUp();
  await product.approveAll();
  await product.changeWhileStarting(which, 'freeze');
  await product.catchUp();
  await product.thaw(which);
  await product.catchUp();
  await product.approveAll();
  await product.catchUp();
}

it('nothing is deployed without a valid quorum over exactly that, nothing that waits for people holds a slot, and no decision is lost', async () => {
  const reached = { activations: 0, voided: 0, conflicts: 0, granted: 0, dismissals: 0, configuration: 0, freeze: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 100, maxLength: 200, size: 'max' }),
      pick,
      async (commands, which) => {
        const product = await Product.open();
        await product.request('v1.0.0');
        await product.settle();
        for (const each of commands) await each(product);
        await closing(product, which);
        expect(product.turns.faults).toEqual([]);
        const { log } = product;
        const decided = new Set(
          [...log.of('ApprovalGranted'), ...log.of('ApprovalRejected')].map(({ data }) => data.approval_id),
        );
        for (const state of log.publishes.values()) {
          expect(state.status === 'awaiting_approval' && decided.has(state.approval_id)).toBe(false);
        }
        reached.dismissals += product.dismissals;
        reached.configuration += product.surprises.configuration;
        reached.freeze += product.surprises.freeze;
        reached.activations += product.activations;
        reached.voided += log.of('ApprovalVoided').length;
        reached.granted += log.of('ApprovalGranted').length;
        reached.conflicts += log.conflicts;
      },
    ),
    { numRuns: 12, endOnFailure: true },
  );
  // It would prove nothing if it never came to that.
  for (const [what, times] of Object.entries(reached))
    expect({ what, reached: times > 0 }).toEqual({ what, reached: true });
}, 300_000);
