import { Ajv } from 'ajv';
import { withFormats } from './formats.js';

const isTime = withFormats(new Ajv()).compile({ type: 'string', format: 'date-time' });

describe('a time that comes from outside', () => {
  it.each(['2026-11-30T14:23:45Z', '2026-11-30T14:23:45.123456+05:30', '0001-01-01T00:00:00Z', '2024-02-29T00:00:00Z'])(
    'may be %s',
    (text) => {
      expect(isTime(text)).toBe(true);
      expect(() => new Date(text).toISOString()).not.toThrow();
    },
  );

  it.each([
    '2016-12-31T23:59:60Z',
    '2026-02-30T00:00:00Z',
    '2026-11-30T24:00:00Z',
    '2026-11-30',
    '2026-11-30T14:23:45',
  ])('is not %s', (text) => {
    expect(isTime(text)).toBe(false);
  });
});
