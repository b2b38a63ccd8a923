import { eventCatalogue, type DomainEventType, type RecordedEvent } from '@m3/contracts';
import { told } from '../testing/stories.js';
import { activations, decisive } from './activations.js';
import { isLogEntry, type LogEntry } from './log-entry.js';
import { evolveRow } from './projection.js';
import { targets } from './targets.js';

const entry = (seq: number, type: DomainEventType): LogEntry => {
  const { stream, data } = told(1, type);
  const metadata: RecordedEvent['metadata'] = {
    actor: { kind: 'user', id: 'ann' },
    ...{ correlationId: 'c', causationId: null, occurredAt: '2026-03-19T14:23:45.000Z' },
  };
  const event = { type, data, stream, metadata, seq, streamVersion: seq } as RecordedEvent;
  if (!isLogEntry(event)) throw new Error(`${type} is in no catalogue`);
  return event;
};

it('every event that changes what a target runs has its place on record', () => {
  const before = evolveRow(targets, 't', undefined, entry(1, 'TargetCreated'));
  const after = evolveRow(targets, 't', before, entry(2, 'VersionActivated'));
  const changing = eventCatalogue
    .map(({ type }) => type)
    .filter((type) => targets.begins[type] === undefined)
    .filter((type) => evolveRow(targets, 't', after, entry(3, type))?.document.active !== after?.document.active);
  expect(changing).toEqual(expect.arrayContaining(['VersionActivated', 'PublishRolledBack']));
  expect([...changing].sort()).toEqual(Object.keys(activations.begins).sort());
});

describe('what a target ran', () => {
  const activated = (stream: string) => ({ type: 'VersionActivated', stream }) as const;
  const undone = (stream: string) => ({ type: 'PublishRolledBack', stream }) as const;
  const byHand = { type: 'TargetRestoredByHand', stream: 'target-t' } as const;
  const [a, b, c] = ['a', 'b', 'c'].map(activated);
  const [undoneA, undoneB, undoneC] = ['a', 'b', 'c'].map(undone);

  it.each([
    ['nothing, where nothing happened', [], 0],
    ['the last activation', [c, b, a], 1],
    ['what was restored by hand', [byHand, a], 1],
    ['the activation before the one that a rollback undoes', [undoneC, c, b, a], 3],
    ['the one before several that were undone', [undoneC, c, undoneB, b, a], 5],
    ['what was restored by hand before one that was undone', [undoneB, b, byHand, a], 3],
    ['nothing but what was undone', [undoneA, a], 2],
    ['the last activation, where a version was rolled back that had a share of the traffic only', [undoneC, b, a], 2],
    [
      'the one before, where two such versions were rolled back after one that was undone',
      [undoneC, undoneB, undoneC, c, a],
      5,
    ],
    ['nothing but a version that had a share only', [undoneA], 1],
  ])('follows from %s', (_what, places, taken) => {
    const newestFirst = places.filter((place) => place !== undefined);
    expect(decisive(newestFirst)).toEqual(newestFirst.slice(0, taken));
  });
});
