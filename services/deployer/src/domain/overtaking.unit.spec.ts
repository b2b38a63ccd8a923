import { overtakenBy, overtakeOlder } from './overtaking.js';
import { evolveSlot, initialSlot, lineUp, requestSlot, type SlotRequest, type SlotState } from './slot.js';

const target_id = 'tgt_01930d8c-0000-7000-8000-000000000001';
/** Publishes are named by the order of their requests. */
const automatic = (publish_id: string, version: string): SlotRequest => ({
  ...{ target_id, publish_id, version, slots: 1 },
  ...{ automatic: true, project: 'invoice-pipeline' },
});
const manual = (publish_id: string, version = 'v1.0.0') => ({ ...automatic(publish_id, version), automatic: false });

const waits = (state: SlotState, request: SlotRequest, waits_for: 'approval' | 'start') =>
  lineUp(state, request, waits_for).reduce(evolveSlot, state);
const queues = (state: SlotState, request: SlotRequest) => requestSlot(state, request).reduce(evolveSlot, state);
const overtaken = (state: SlotState, by: SlotRequest) => overtakeOlder(state, by).map(({ data }) => data.publish_id);

describe('a newer publish', () => {
  it('overtakes whatever waits for approval on the same target', () => {
    const state = waits(waits(initialSlot, manual('1'), 'approval'), automatic('2', 'v1.1.0'), 'approval');
    expect(overtaken(state, manual('3'))).toEqual(['1', '2']);
  });

  it('leaves manual ones alone that wait for their start or for a slot', () => {
    const state = queues(waits(queues(initialSlot, manual('1')), manual('2'), 'start'), manual('3'));
    expect(overtaken(state, manual('4'))).toEqual([]);
    expect(overtaken(state, automatic('5', 'v9.0.0'))).toEqual([]);
  });

  it('is overtaken itself when it was requested before one that waits', () => {
    const state = waits(initialSlot, manual('2'), 'approval');
    expect(overtakenBy(state, manual('1'), 'approval')).toBe('2');
    expect(overtakenBy(state, manual('1'), 'start')).toBeNull();
  });
});

describe('automatic publishes of one project', () => {
  const held = waits(initialSlot, automatic('1', 'v1.1.0'), 'start');

  it('give way to a newer version, whatever they wait for', () => {
    expect(overtaken(held, automatic('2', 'v1.2.0'))).toEqual(['1']);
    const queued = queues(queues(initialSlot, manual('0')), automatic('1', 'v1.1.0'));
    expect(overtaken(queued, automatic('2', 'v1.2.0'))).toEqual(['1']);
  });

  it('of an older version than one that waits give way as they arrive, even when they wait for approval', () => {
    expect(overtakenBy(held, automatic('2', 'v1.0.9'), 'start')).toBe('1');
    const asked = waits(initialSlot, automatic('1', 'v1.1.0'), 'approval');
    expect(overtakenBy(asked, automatic('2', 'v1.0.9'), 'approval')).toBe('1');
    expect(overtaken(asked, automatic('2', 'v1.0.9'))).toEqual([]);
  });

  it('of the same version give way to the one that was requested last', () => {
    expect(overtaken(held, automatic('2', 'v1.1.0'))).toEqual(['1']);
    expect(overtakenBy(held, automatic('0', 'v1.1.0'), 'start')).toBe('1');
  });

  it('leave other projects alone', () => {
    expect(overtaken(held, { ...automatic('2', 'v9.0.0'), project: 'other' })).toEqual([]);
  });
});

describe('a publish that was overtaken', () => {
  const state = queues(queues(initialSlot, manual('0')), automatic('1', 'v1.1.0'));
  const after = overtakeOlder(state, automatic('2', 'v1.2.0')).reduce(evolveSlot, state);

  it('stands in no line any more, and hears of it whenever it asks', () => {
    expect(after.line).toEqual([]);
    expect(overtakenBy(after, automatic('1', 'v1.1.0'), 'start')).toBe('2');
  });
});
