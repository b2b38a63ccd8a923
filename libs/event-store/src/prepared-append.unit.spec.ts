import { canonicalJson } from '@m3/contracts';
import fc from 'fast-check';
import { eventDigest } from './canonical-event.js';
import { prepareAppend } from './prepared-append.js';
import { context, placed, sampleRegistry } from './sample-events.spec.js';

const texts = fc.string({ unit: 'grapheme', maxLength: 20 });
const contexts = fc.record(
  {
    occurredAt: fc.constant('2026-01-02T03:04:05.678Z'),
    traceparent: texts,
    causationId: fc.option(texts),
    correlationId: texts,
    actor: fc.record({ kind: fc.constantFrom('user', 'system'), id: texts }),
  },
  { requiredKeys: ['occurredAt', 'causationId', 'correlationId', 'actor'] },
);

const prepared = (events: number, given = context) =>
  prepareAppend(
    sampleRegistry,
    [{ stream: 'order-1', expectedVersion: 4, events: Array.from({ length: events }, (_, n) => placed(n)) }],
    given,
  ).flatMap((write) => write.events);

describe('a prepared event', () => {
  it('carries data and metadata in the RFC 8785 form that its digest covers', () => {
    fc.assert(
      fc.property(contexts, (given) => {
        const [event] = prepared(1, given);
        if (!event) throw new Error('nothing was prepared');

        expect(event.json).toEqual({ data: canonicalJson(event.data), metadata: canonicalJson(given) });
        expect(event.digest).toEqual(eventDigest(event));
      }),
    );
  });

  it('has a UUID of version 7 of its own', () => {
    const ids = prepared(1_000).map(({ eventId }) => eventId);

    expect(new Set(ids).size).toBe(1_000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('takes the version after the one before', () => {
    expect(prepared(3).map(({ streamVersion }) => streamVersion)).toEqual([5, 6, 7]);
  });
});
