import { checkResult, failed, inconclusive, overall, passed } from './check.js';

const result = (verdict: ReturnType<typeof passed>) =>
  checkResult('gate', verdict, 1.234567, '2026-03-19T14:23:45.000Z');

describe('the outcome of several checks', () => {
  it('is a pass only when all passed', () => {
    expect(overall([result(passed('ok')), result(passed('ok'))])).toBe('passed');
    expect(overall([result(passed('ok')), result(failed('no'))])).toBe('failed');
  });

  it('is inconclusive where there was no data, and when nothing was checked', () => {
    expect(overall([result(passed('ok')), result(inconclusive('no data'))])).toBe('inconclusive');
    expect(overall([])).toBe('inconclusive');
  });

  it('is a failure when one failed, whatever else had no data', () => {
    expect(overall([result(inconclusive('no data')), result(failed('no'))])).toBe('failed');
  });
});

describe('a check result', () => {
  it('carries a bounded number of findings and says how many there were', () => {
    const finding = { code: 'plan.cycle', severity: 'error' as const, message: 'a cycle' };
    const { findings, message } = result(failed('broken', { findings: Array.from({ length: 250 }, () => finding) }));
    expect(findings).toHaveLength(200);
    expect(message).toContain('of 250 findings');
  });
});
