import { exitCodeOf, exitCodes, worstOf } from './exit-codes.js';

describe('exit codes', () => {
  it.each([
    ['succeeded', 0],
    ['failed', 1],
    ['rolled_back', 1],
    ['rollback_failed', 1],
    ['rejected', 6],
    ['cancelled', 6],
  ] as const)('a publish that is %s ends with %i', (status, code) => {
    expect(exitCodeOf(status)).toBe(code);
  });

  it('of several outcomes the worst counts', () => {
    expect(worstOf([])).toBe(exitCodes.ok);
    expect(worstOf([0, 6, 0])).toBe(exitCodes.stopped);
    expect(worstOf([6, 5, 0])).toBe(exitCodes.waiting);
    expect(worstOf([0, 5, 1, 6])).toBe(exitCodes.failed);
  });
});
