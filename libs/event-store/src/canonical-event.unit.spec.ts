import { createHash } from 'node:crypto';
import { canonicalJson } from '@m3/contracts';
import fc from 'fast-check';
import { digestOf, eventDigest, storable, type StoredEvent } from './canonical-event.js';

const event: StoredEvent = {
  eventId: '01941f29-7c00-7000-8000-000000000001',
  stream: 'order-"ü"',
  streamVersion: 3,
  category: 'order',
  type: 'OrderPlaced',
  schemaVersion: 1,
  data: { z: 1, a: { y: [1, 2], b: null }, é: 'x' },
  metadata: {
    occurredAt: '2026-01-02T03:04:05.678Z',
    actor: { kind: 'user', id: 'ann' },
    correlationId: 'c',
    causationId: null,
  },
};

describe('the digest of an event', () => {
  it('is SHA-256 over the RFC 8785 form of the whole of it', () => {
    const expected = createHash('sha256').update(canonicalJson(event)).digest('hex');

    expect(eventDigest(event).toString('hex')).toBe(expected);
    expect(digestOf(event, canonicalJson(event.data), canonicalJson(event.metadata)).toString('hex')).toBe(expected);
  });

  it('does not depend on the order of keys', () => {
    const turned = { ...event, data: { é: 'x', a: { b: null, y: [1, 2] }, z: 1 } };

    expect(eventDigest(turned)).toEqual(eventDigest(event));
  });

  it.each(Object.keys(event))('changes with %s', (key) => {
    const changed = { ...event, [key]: key.endsWith('ersion') ? 99 : 'other' };

    expect(eventDigest(changed)).not.toEqual(eventDigest(event));
  });
});

describe('what is stored', () => {
  it('reads back as what it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\\u(0000|d[89a-f])/.test(text));
        expect(storable('T', value)).toEqual({ json: canonicalJson(value), value: JSON.parse(text) });
      }),
    );
  });

  it.each([
    ['a function', { f: () => 1 }],
    ['a big integer', { n: 1n }],
    ['Infinity', { n: Infinity }],
    ['nothing', undefined],
    ['a NUL in a key', { 'a\u0000': 1 }],
    ['half a surrogate pair behind a backslash', { a: '\\\udc00' }],
  ])('refuses %s', (_, value) => {
    expect(() => storable('OrderPlaced', value)).toThrow(/event OrderPlaced is invalid/);
  });

  it('refuses what refers to itself', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;

    expect(() => storable('OrderPlaced', value)).toThrow(/Circular/);
  });

  it('takes a text that only looks like an escaped NUL', () => {
    expect(storable('T', { a: '\\u0000' }).json).toBe('{"a":"\\\\u0000"}');
  });
});
