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
  const a = { type: 'VersionActivated' } as const;
  const r = { type: 'PublishRolledBack' } as const;
  const byHand = { type: 'TargetRestoredByHand' } as const;

  it.each([
    { newestFirst: [], taken: 0 },
    { newestFirst: [a, a, a], taken: 1 },
    { newestFirst: [byHand, a], taken: 1 },
    { newestFirst: [r, a, a, a], taken: 3 },
    { newestFirst: [r, a, r, a, a, a], taken: 5 },
    { newestFirst: [r, a, byHand, a], taken: 3 },
    { newestFirst: [r, a], taken: 2 },
  ])('follows from the last $taken of $newestFirst', ({ newestFirst, taken }) => {
    expect(decisive(newestFirst)).toEqual(newestFirst.slice(0, taken));
  });
});
