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
    60,
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

it('nothing is deployed without a valid quorum over exactly that, nothing that waits for people holds a slot, and no decision is lost', async () => {
  const reached = { activations: 0, voided: 0, conflicts: 0, granted: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 100, maxLength: 200, size: 'max' }), async (commands) => {
      const product = await Product.open();
      await product.request('v1.0.0');
      await product.settle();
      for (const each of commands) await each(product);
      await product.settle();
      // What waits is approved with a configuration that has just changed, then with the one that is in force.
      await product.configure();
      await product.approveAll();
      await product.settle();
      await product.approveAll();
      await product.settle();
      expect(product.turns.faults).toEqual([]);
      const { log } = product;
      const decided = new Set(
        [...log.of('ApprovalGranted'), ...log.of('ApprovalRejected')].map(({ data }) => data.approval_id),
      );
      for (const state of log.publishes.values()) {
        expect(state.status === 'awaiting_approval' && decided.has(state.approval_id)).toBe(false);
      }
      reached.activations += product.activations;
      reached.voided += log.of('ApprovalVoided').length;
      reached.granted += log.of('ApprovalGranted').length;
      reached.conflicts += log.conflicts;
    }),
    { numRuns: 12, endOnFailure: true },
  );
  // It would prove nothing if it never came to that.
  for (const [what, times] of Object.entries(reached))
    expect({ what, reached: times > 0 }).toEqual({ what, reached: true });
}, 300_000);
