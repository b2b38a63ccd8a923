import { collected, moment, positiveInteger, timeZone, waitingTime } from './option-values.js';

describe('values of options', () => {
  it.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['500h', 1_800_000_000],
  ])('the time %s is %i milliseconds', (text, milliseconds) => {
    expect(waitingTime(text)).toBe(milliseconds);
  });

  it.each(['', 'soon', '-1s', '1.5h', '1d', '501h', '9999999s'])('"%s" is no time', (text) => {
    expect(() => waitingTime(text)).toThrow('it');
  });

  it.each(['0', '-1', '1.5', '1e3', 'x', '', '99999999999999999999'])('"%s" is no count', (text) => {
    expect(() => positiveInteger(text)).toThrow('whole number');
  });

  it.each([
    ['2026-03-19T15:23:45+01:00', '2026-03-19T14:23:45.000Z'],
    ['2026-03-19T14:23Z', '2026-03-19T14:23:00.000Z'],
  ])('the time %s is %s', (text, utc) => {
    expect(moment(text)).toBe(utc);
  });

  it.each(['yesterday', '', '2026-02-30T00:00:00Z', '2026-03-19', '2026-03-19T14:23:45', '2016-12-31T23:59:60Z'])(
    '"%s" is no moment that everybody reads alike',
    (text) => {
      expect(() => moment(text)).toThrow('it has to be a time such as 2026-03-19T14:23:45Z');
    },
  );

  it.each(['Mars/Olympus', '', '+05:30'])('"%s" is no time zone', (text) => {
    expect(() => timeZone(text)).toThrow('IANA');
  });

  it('may be given several times', () => {
    expect(collected('b', collected('a', undefined))).toEqual(['a', 'b']);
  });
});
