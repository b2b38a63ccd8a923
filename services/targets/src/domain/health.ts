import type { EventData, Health, TargetHealthEvent, TargetProbe } from '@m3/contracts';
import { accept, type Decider } from '@m3/decider';

/** One probe that fails may be a hiccup; two in a row are not. */
const failuresThatCount = 2;

/** What is known of a target from its probes. */
export interface HealthRecord {
  readonly failures: number;
  /** Null: not probed yet. */
  readonly status: Health | null;
}

/** Two failures in a row make unhealthy, one success makes healthy; a single failure leaves it as it was. */
export function healthAfter(
  { failures, status }: HealthRecord,
  { healthy }: Pick<TargetProbe, 'healthy'>,
): HealthRecord {
  if (healthy) return { failures: 0, status: 'healthy' };
  const inARow = failures + 1;
  return { failures: inARow, status: inARow >= failuresThatCount ? 'unhealthy' : status };
}

export interface ObserveHealth {
  readonly targetId: string;
  readonly health: Health;
  readonly probe: TargetProbe;
}

/** The health that the log tells of: only changes are events. A target counts as healthy until something else was seen. */
export const targetHealth: Decider<Health, ObserveHealth, TargetHealthEvent> = {
  initial: 'healthy',
  evolve: (_, { data }) => data.health,
  decide: ({ targetId, health, probe }, known) =>
    health === known ? accept() : accept({ type: 'TargetHealthChanged', data: changed(targetId, health, probe) }),
};

function changed(target_id: string, health: Health, probe: TargetProbe): EventData<'TargetHealthChanged'> {
  const { gateway_latency_ms, database_latency_ms, faults } = probe;
  const reason =
    faults.length === 0
      ? null
      : faults
          .map(({ message }) => message)
          .join(' ')
          .slice(0, 2000);
  return { target_id, health, reason, gateway_latency_ms, database_latency_ms };
}
