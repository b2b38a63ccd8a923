import fc from 'fast-check';
import { judgeTraffic, since, type Measured } from './traffic.judge.js';

const limits = { max_error_rate: 5, max_p95_ms: 1_000, min_requests: 20, extend_seconds: 60 };
const watch = { watch_until: '2026-03-19T14:00:00.000Z', extended: false };
const during = '2026-03-19T13:59:00.000Z';
const over = '2026-03-19T14:00:00.000Z';
const longOver = '2026-03-19T14:01:00.000Z';
const did = (executions: number, failures: number, p95_ms: number | null = 100): Measured => ({
  ...{ executions, failures, p95_ms },
});

describe('a version that gets a share of the traffic', () => {
  it.each<[string, Measured, string, string]>([
    ['that does well', did(100, 5), during, 'watch'],
    ['that did well until the end', did(100, 5), over, 'passed'],
    ['of which too many executions fail', did(100, 6), during, 'failed error_rate_too_high'],
    ['that takes too long', did(100, 0, 1_001), during, 'failed p95_too_high'],
    ['whose durations are not told', did(100, 0, null), over, 'passed'],
    ['whose first execution failed', did(1, 1), during, 'watch'],
    ['that got too few executions', did(19, 0), over, 'inconclusive'],
    ['that got too few executions, all of them bad', did(19, 19), over, 'inconclusive'],
    ['that still got too few when the extension ends', did(19, 0), longOver, 'failed too_few_requests'],
    ['that got none', did(0, 0, null), longOver, 'failed too_few_requests'],
    ['of which the gateway tells nothing', null, over, 'inconclusive'],
    ['of which the gateway never told anything', null, longOver, 'failed too_few_requests'],
  ])('%s', (_what, measured, now, expected) => {
    const verdict = judgeTraffic(limits, measured, watch, now);
    expect('code' in verdict ? `${verdict.outcome} ${verdict.code}` : verdict.outcome).toBe(expected);
  });

  it('is found inconclusive once, and then watched until there are enough', () => {
    const extended = { ...watch, extended: true };
    expect(judgeTraffic(limits, did(19, 0), extended, over)).toEqual({ outcome: 'watch' });
    expect(judgeTraffic(limits, did(20, 0), extended, '2026-03-19T14:00:30.000Z')).toMatchObject({ outcome: 'passed' });
  });

  it('is told why', () => {
    expect(judgeTraffic(limits, did(50, 6), watch, during)).toMatchObject({
      reason: '50 executions, 12 % of them failed: more than 5 %',
    });
    expect(judgeTraffic(limits, did(0, 0, null), watch, over)).toMatchObject({
      reason: 'no execution has ended; 20 executions are needed',
    });
    expect(judgeTraffic(limits, null, watch, over)).toMatchObject({
      reason: 'the gateway does not tell; 20 executions are needed',
    });
  });

  it('never passes on fewer executions than are needed, or above a limit', () => {
    const measured = fc.record({ executions: fc.nat(200), failures: fc.nat(200), p95_ms: fc.nat(3_000) });
    fc.assert(
      fc.property(measured, fc.boolean(), fc.integer({ min: -100, max: 100 }), (counts, extended, seconds) => {
        const now = new Date(Date.parse(over) + seconds * 1000).toISOString();
        const { outcome } = judgeTraffic(limits, counts, { ...watch, extended }, now);
        if (outcome !== 'passed') return;
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(counts.executions).toBeGreaterThanOrEqual(limits.min_requests);
        expect(counts.failures / counts.executions).toBeLessThanOrEqual(0.05);
        expect(counts.p95_ms).toBeLessThanOrEqual(1_000);
      }),
    );
  });
});

describe('what came since a share was raised', () => {
  it('is what was counted more than before', () => {
    expect(since({ executions: 10, failures: 2 }, { executions: 25, failures: 3, p95_ms: 80 })).toEqual(did(15, 1, 80));
  });

  it.each([
    ['fewer executions than before', { executions: 4, failures: 1, p95_ms: 80 }],
    ['fewer failures than before', { executions: 30, failures: 1, p95_ms: 80 }],
    ['more failures than executions since', { executions: 11, failures: 9, p95_ms: 80 }],
  ])('is all of it where the gateway began to count anew: %s', (_what, counts) => {
    expect(since({ executions: 10, failures: 2 }, counts)).toEqual(counts);
  });
});
