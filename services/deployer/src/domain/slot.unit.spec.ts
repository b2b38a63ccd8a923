import fc from 'fast-check';
import { evolveSlot, initialSlot, releaseSlot, requestSlot, type SlotState } from './slot.js';

const target_id = 'tgt_01930d8c-0000-7000-8000-000000000001';
const request = (publish_id: string, slots = 1) => ({ target_id, publish_id, slots });
const apply = (state: SlotState, publish: string, slots = 1) =>
  requestSlot(state, request(publish, slots)).reduce(evolveSlot, state);
const release = (state: SlotState, publish: string, slots = 1) =>
  releaseSlot(state, request(publish, slots)).reduce(evolveSlot, state);

describe('slots of a target', () => {
  it('are granted at once while one is free, and waited for in order', () => {
    const state = ['a', 'b', 'c'].reduce((current, publish) => apply(current, publish), initialSlot);
    expect(state).toMatchObject({ holders: ['a'], queue: ['b', 'c'] });
    expect(release(state, 'a')).toMatchObject({ holders: ['b'], queue: ['c'] });
  });

  it('are asked for and given back any number of times with one effect', () => {
    const once = apply(initialSlot, 'a');
    expect(requestSlot(once, request('a'))).toEqual([]);
    expect(releaseSlot(release(once, 'a'), request('a'))).toEqual([]);
  });

  it('leave the line when the waiting publish ends', () => {
    const state = ['a', 'b', 'c'].reduce((current, publish) => apply(current, publish), initialSlot);
    expect(release(release(state, 'b'), 'a')).toMatchObject({ holders: ['c'], queue: [] });
  });

  it('never exceed the limit, never leave one free while somebody waits, and raise the fence with each grant', () => {
    const step = fc.record({ publish: fc.integer({ min: 0, max: 9 }).map(String), ask: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (steps, slots) => {
        let state = initialSlot;
        let fence = 0;
        for (const { publish, ask } of steps) {
          const events = (ask ? requestSlot : releaseSlot)(state, request(publish, slots));
          for (const event of events) {
            if (event.type === 'SlotGranted') expect(event.data.fence).toBeGreaterThan(fence);
            if (event.type === 'SlotGranted') fence = event.data.fence;
          }
          state = events.reduce(evolveSlot, state);
          expect(state.holders.length).toBeLessThanOrEqual(slots);
          expect(state.queue.length === 0 || state.holders.length === slots).toBe(true);
        }
      }),
    );
  });
});
