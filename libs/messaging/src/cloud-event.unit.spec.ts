import fc from 'fast-check';
import { defineEvent, EventRegistry, type RecordedEvent } from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { decodeEvent, encodeEvent } from './cloud-event.js';

const schema = Type.Object({ job: Type.String() });
const noted = defineEvent({ type: 'Noted', category: 'note', schema, example: { job: '1' } });
const registry = new EventRegistry([noted]);

const text = fc.string({ minLength: 1 });
const moment = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
  .map((date) => date.toISOString());
const anyEvent: fc.Arbitrary<RecordedEvent> = fc.record({
  type: fc.constant('Noted'),
  data: fc.record({ job: fc.string() }),
  position: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  seq: fc.constant(null),
  stream: text,
  streamVersion: fc.integer({ min: 1 }),
  category: fc.constant('note'),
  schemaVersion: fc.constant(1),
  eventId: fc.uuid(),
  metadata: fc.record(
    {
      actor: fc.record({ kind: fc.constantFrom('user', 'service', 'system'), id: text }),
      correlationId: text,
      causationId: fc.option(text),
      traceparent: text,
      occurredAt: moment,
    },
    { requiredKeys: ['actor', 'correlationId', 'causationId', 'occurredAt'] },
  ),
  recordedAt: moment,
});

const message = (change: object): string => {
  const [event] = fc.sample(anyEvent, { numRuns: 1, seed: 1 });
  if (!event) throw new Error('no sample');
  return JSON.stringify({ ...(JSON.parse(encodeEvent(event, 'spec')) as object), ...change });
};

describe('an event on the bus', () => {
  it('comes out as it went in', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(decodeEvent(encodeEvent(event, 'spec'), registry)).toEqual({ complete: true, event });
      }),
    );
  });

  it('that went without its data says where to read it', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { eventId, stream, streamVersion } = event;
        const decoded = decodeEvent(encodeEvent(event, 'spec', false), registry);
        expect(decoded).toEqual({ complete: false, reference: { eventId, stream, streamVersion } });
      }),
    );
  });

  it.each([
    ['not JSON', 'nothing', 'not_json'],
    ['no object', '[]', 'not_a_cloudevent'],
    ['of another format', message({ specversion: '0.3' }), 'not_a_cloudevent'],
    ['without a stream', message({ subject: '' }), 'not_a_log_event'],
    ['without a version', message({ streamversion: 0 }), 'not_a_log_event'],
    ['of an unknown actor', message({ actorkind: 'robot' }), 'not_a_log_event'],
    ['of an unknown type', message({ type: 'Unheard' }), 'invalid_event'],
    ['with data of another shape', message({ data: { job: 1 } }), 'invalid_event'],
  ])('that is %s is refused for good', (_, text, code) => {
    expect(() => decodeEvent(text, registry)).toThrow(expect.objectContaining({ name: 'Unprocessable', code }));
  });

  it('of a newer version may be understood later, by a newer release', () => {
    const newer = (): unknown => decodeEvent(message({ schemaversion: 2 }), registry);
    expect(newer).toThrow('Noted has version 2; this service knows 1');
    expect(newer).not.toThrow(expect.objectContaining({ name: 'Unprocessable' }));
  });
});
