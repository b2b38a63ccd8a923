import { counted, duration, fitted, logLine } from './text.js';

describe('text', () => {
  it.each([
    [0, '0 ms'],
    [412.4, '412 ms'],
    [3_240, '3.2 s'],
    [59_960, '1 min 00 s'],
    [245_000, '4 min 05 s'],
    [7_800_000, '2 h 10 min'],
    [273_600_000, '3 d 4 h'],
  ])('%i milliseconds are %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });

  it('has the form of the log', () => {
    expect(logLine('2026-03-19T14:23:45.123Z', '✓ done')).toBe('[2026-03-19 14:23:45] ✓ done');
  });

  it('fits into its columns', () => {
    expect(fitted('abcdef', 4)).toBe('abc…');
    expect(fitted('abcd', 4)).toBe('abcd');
  });

  it('counts', () => {
    expect([counted(1, 'target'), counted(0, 'target')]).toEqual(['1 target', '0 targets']);
  });
});
