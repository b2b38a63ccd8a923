import { declared, type TargetProbe } from '@m3/contracts';
import { specification } from '@m3/testing';
import { healthAfter, targetHealth, type HealthRecord } from './health.js';

const unknown: HealthRecord = { failures: 0, status: null };
const after = (...results: readonly boolean[]) =>
  results.reduce<HealthRecord>((record, healthy) => healthAfter(record, { healthy }), unknown).status;

describe('the health of a target', () => {
  it('is unhealthy after two failures in a row, and not after one', () => {
    expect(after(false)).toBeNull();
    expect(after(true, false)).toBe('healthy');
    expect(after(true, false, true, false)).toBe('healthy');
    expect(after(true, false, false)).toBe('unhealthy');
    expect(after(false, false)).toBe('unhealthy');
  });

  it('is healthy after one success', () => {
    expect(after(true)).toBe('healthy');
    expect(after(false, false, false, true)).toBe('healthy');
  });

  it('is an event only when it changes', () => {
    const data = declared('TargetHealthChanged').example;
    const { target_id: targetId, gateway_latency_ms, database_latency_ms, reason } = data;
    const probe: TargetProbe = {
      at: '2026-03-19T14:23:45.000Z',
      healthy: false,
      ...{ gateway_latency_ms, database_latency_ms },
      faults: [{ what: 'gateway', code: 'connection_refused', message: reason ?? '' }],
    };
    const { given } = specification(targetHealth);
    given().when({ targetId, health: 'healthy', probe }).thenNothing();
    given()
      .when({ targetId, health: 'unhealthy', probe })
      .twice()
      .then({ type: 'TargetHealthChanged', data: { ...data, health: 'unhealthy' } });
  });
});
