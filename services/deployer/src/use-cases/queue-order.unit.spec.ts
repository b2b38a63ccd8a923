import { EventRegistry, eventCatalogue, newId } from '@m3/contracts';
import { fold } from '@m3/decider';
import { MemoryEventStore } from '@m3/event-store';
import fc from 'fast-check';
import { evolveSlot, initialSlot } from '../domain/slot.js';
import { created, deployment, slotHistory } from './deployment.fixture.spec.js';

const opens = '2026-03-20T02:00:00.000Z';
const nightly = { windows: [{ cron: '0 2 * * *', duration_minutes: 60, timezone: 'UTC' }] };
const deadline = { type: 'DeadlinePassed' } as const;
const override = { reason: 'outage', roles: ['admin'] };
/** Shared, because it compiles the schemas of all events. */
const registry = new EventRegistry(eventCatalogue);

/** A target with a window that is not open yet. */
async function given() {
  const log = new MemoryEventStore(registry);
  const parts = deployment(2, () => log);
  await parts.ofTarget(created(nightly));
  const slots = async () => fold({ initial: initialSlot, evolve: evolveSlot }, await slotHistory(log));
  const order = async () => {
    const { holders, line } = await slots();
    return [...holders, ...line].map(({ publish_id }) => publish_id);
  };
  const arrive = async (trigger: 'manual' | 'tag' = 'manual', slots = 1): Promise<string> => {
    const id = newId('publish');
    await parts.finish(id, { trigger, slots }, 'backing_up');
    return id;
  };
  return { ...parts, order, slots, arrive };
}

describe('publishes that waited when a window opened', () => {
  it('go before one that comes then, though they have not noticed yet', async () => {
    const { arrive, order, setClock, slots } = await given();
    const waited = [await arrive(), await arrive()];
    setClock(opens);
    const late = await arrive();

    expect(await order()).toEqual([...waited, late]);
    expect(await slots()).toMatchObject({ holders: [{ publish_id: waited[0] }] });
  });

  it('go before one behind them that was let in earlier, when the slot becomes free', async () => {
    const { arrive, react, finish, goOn, order, setClock, next, now } = await given();
    const running = newId('publish');
    const first = await finish(running, { trigger: 'manual', override }, 'backing_up');
    const waited = await arrive();
    const queued = newId('publish');
    await finish(queued, { trigger: 'manual', override });
    setClock(opens);
    await goOn(running, first);

    expect(await order()).toEqual([waited, queued]);
    expect(await react(waited, deadline)).toMatchObject({ status: 'backing_up' });
    expect(await next().isIn(queued, ['awaiting_slot'])).toBe(true);
    expect(now().occurredAt).toBe(opens);
  });

  it('do not keep one back that may start while they may not', async () => {
    const { arrive, ofTarget, setClock, slots } = await given();
    const target_id = created().data;
    await ofTarget({ type: 'TargetHeld', data: { target_id: Reflect.get(target_id, 'target_id'), reason: 'audit' } });
    const held = await arrive('tag');
    setClock(opens);
    const late = await arrive();

    expect(await slots()).toMatchObject({
      holders: [{ publish_id: late }],
      line: [{ publish_id: held, waits_for: 'start' }],
    });
  });

  it('get their slots in the order in which they came, whoever looks when, and whoever comes in between', async () => {
    const act = fc.oneof(fc.constant('arrive' as const), fc.nat(11));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 4 }),
        fc.array(act, { maxLength: 12 }),
        fc.integer({ min: 1, max: 3 }),
        async (waiting, acts, slots) => {
          const { arrive, order, react, setClock } = await given();
          const ids: string[] = [];
          for (let each = 0; each < waiting; each += 1) ids.push(await arrive('manual', slots));
          setClock(opens);
          for (const each of acts) {
            const id = each === 'arrive' ? undefined : ids[each];
            if (each === 'arrive') ids.push(await arrive('manual', slots));
            else if (id !== undefined) await react(id, deadline);
          }
          for (const id of [...ids].reverse()) await react(id, deadline);
          expect(await order()).toEqual(ids);
        },
      ),
      { seed: 20260320, numRuns: 60 },
    );
  });
});
