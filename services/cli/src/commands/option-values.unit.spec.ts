import { collected, positiveInteger, waitingTime } from './option-values.js';

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

  it('may be given several times', () => {
    expect(collected('b', collected('a', undefined))).toEqual(['a', 'b']);
  });
});
