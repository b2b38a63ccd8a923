import { canonicalJson } from '@m3/contracts';
import { checkResult, failed, fitting, inconclusive, overall, passed } from './check.js';

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

  it('fits into an event, however much somebody has found', () => {
    const text = '𝄞'.repeat(1_000);
    const finding = { code: 'gpl', severity: 'error' as const, message: text, remedy: text };
    const long = result(failed('broken', { findings: Array.from({ length: 200 }, () => finding) }));
    expect(Buffer.byteLength(canonicalJson(long))).toBeLessThan(400_000);
    expect(long.message).toBe('broken (the first 37 of 200 findings are shown)');
  });

  it('holds nothing that the log does not take, whatever a gateway or an endpoint said', () => {
    const said = `a\u0000b\ud800c\n${'x'.repeat(1_993)}𝄞`;
    const line = { at: '2026-03-19T14:23:45.000Z', level: 'info' as const, text: said };
    const finding = { code: 'test_failed', severity: 'error' as const, message: said };
    const { message, findings, log } = result(failed(said, { findings: [finding], log: [line] }));
    const texts = [message, findings[0]?.message, ...log.map(({ text }) => text)];
    expect(texts).toEqual(texts.map(() => `a b c ${'x'.repeat(1_993)}`));
    expect(result(inconclusive(said, 'away')).findings).toMatchObject([{ message }]);
  });
});

describe('the results of many gates', () => {
  const finding = { code: 'gpl', severity: 'error' as const, message: 'x'.repeat(1_000) };
  const line = { at: '2026-03-19T14:23:45.000Z', level: 'info' as const, text: 'y'.repeat(1_000) };
  const long = result(
    failed('z'.repeat(2_000), {
      findings: Array.from({ length: 200 }, () => finding),
      log: Array.from({ length: 200 }, () => line),
    }),
  );

  it('fit into one event, and say what is left out', () => {
    const gates = fitting(Array.from({ length: 24 }, () => long));
    expect(Buffer.byteLength(canonicalJson(gates))).toBeLessThan(700_000);
    for (const { findings, log, message } of gates) {
      expect([findings.length, log.length]).toEqual([11, 11]);
      expect(message).toMatch(/^z+ \(189 more findings are not shown\)$/);
      expect(message).toHaveLength(2_000);
    }
  });

  it('are left as they are when they are of usual size', () => {
    const usual = [result(failed('broken', { findings: [finding], log: [line] })), result(passed('well'))];
    expect(fitting(usual)).toEqual(usual);
  });
});
