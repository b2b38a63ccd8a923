import fc from 'fast-check';
import { evolveSlot, initialSlot, lineUp, queueOf, releaseSlot, requestSlot, type SlotState } from './slot.js';

const target_id = 'tgt_01930d8c-0000-7000-8000-000000000001';
const request = (publish_id: string, slots = 1) => ({
  ...{ target_id, publish_id, slots },
  ...{ automatic: false, project: 'invoice-pipeline', version: 'v1.3.0' },
});
const apply = (state: SlotState, publish: string, slots = 1) =>
  requestSlot(state, request(publish, slots)).reduce(evolveSlot, state);
const release = (state: SlotState, publish: string, slots = 1) =>
  releaseSlot(state, request(publish, slots)).reduce(evolveSlot, state);
const wait = (state: SlotState, publish: string, slots = 1) =>
  lineUp(state, request(publish, slots), 'start').reduce(evolveSlot, state);
const who = (state: SlotState) => ({
  holders: state.holders.map(({ publish_id }) => publish_id),
  queue: queueOf(state),
  line: state.line.map(({ publish_id }) => publish_id),
});

describe('slots of a target', () => {
  it('are granted at once while one is free, and waited for in order', () => {
    const state = ['a', 'b', 'c'].reduce((current, publish) => apply(current, publish), initialSlot);
    expect(who(state)).toMatchObject({ holders: ['a'], queue: ['b', 'c'] });
    expect(who(release(state, 'a'))).toMatchObject({ holders: ['b'], queue: ['c'] });
  });

  it('are asked for and given back any number of times with one effect', () => {
    const once = apply(initialSlot, 'a');
    expect(requestSlot(once, request('a'))).toEqual([]);
    expect(releaseSlot(release(once, 'a'), request('a'))).toEqual([]);
  });

  it('leave the line when the waiting publish ends', () => {
    const state = ['a', 'b', 'c'].reduce((current, publish) => apply(current, publish), initialSlot);
    expect(who(release(release(state, 'b'), 'a'))).toEqual({ holders: ['c'], queue: [], line: [] });
  });

  it('are not held by those who wait for an approval or for their start', () => {
    const state = apply(wait(initialSlot, 'a'), 'b');
    expect(who(state)).toEqual({ holders: ['b'], queue: [], line: ['a'] });
    expect(lineUp(state, request('a'), 'start')).toEqual([]);
  });

  it('are given back by whoever may not start when the turn comes, and the next one gets it', () => {
    const state = ['a', 'b', 'c'].reduce((current, publish) => apply(current, publish), initialSlot);
    const granted = release(state, 'a');
    expect(who(wait(granted, 'b'))).toEqual({ holders: ['c'], queue: [], line: ['b'] });
  });

  it('are queued for in the order in which publishes came, whatever they waited for', () => {
    const waiting = ['b', 'c'].reduce((current, publish) => wait(current, publish), apply(initialSlot, 'a'));
    const queued = ['c', 'b'].reduce((current, publish) => apply(current, publish), waiting);
    expect(who(release(queued, 'a'))).toMatchObject({ holders: ['b'], queue: ['c'] });
  });

  it('of release 0.1.0 can still be read', () => {
    const queued = evolveSlot(apply(initialSlot, 'a'), { type: 'SlotQueued', data: { target_id, publish_id: 'b' } });
    expect(who(release(queued, 'a')).holders).toEqual(['b']);
  });

  it('never exceed the limit, never leave one free while somebody waits, and raise the fence with each grant', () => {
    const step = fc.record({
      publish: fc.integer({ min: 0, max: 9 }).map(String),
      act: fc.constantFrom(requestSlot, releaseSlot, (state: SlotState, asked: ReturnType<typeof request>) =>
        lineUp(state, asked, 'start'),
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (steps, slots) => {
        let state = initialSlot;
        let fence = 0;
        for (const { publish, act } of steps) {
          for (const event of act(state, request(publish, slots))) {
            if (event.type === 'SlotGranted') expect(event.data.fence).toBeGreaterThan(fence);
            if (event.type === 'SlotGranted') fence = event.data.fence;
            state = evolveSlot(state, event);
          }
          expect(state.holders.length).toBeLessThanOrEqual(slots);
          expect(queueOf(state).length === 0 || state.holders.length === slots).toBe(true);
        }
      }),
    );
  });
});
