import type { Actor } from '@m3/contracts';
import type { ServiceRuntime } from '@m3/service-kit';
import { Gauge, type Registry } from 'prom-client';

/** What the watchdog needs, whatever it watches over. */
export type Watched = Pick<ServiceRuntime, 'pool' | 'store' | 'clock'> & {
  readonly log: Pick<ServiceRuntime['log'], 'error'>;
  /** How late something may be before somebody is told, in seconds. */
  readonly late: number;
};

export const watchdog: Actor = { kind: 'system', id: 'watchdog' };
/** Places in the log and deadlines of their own: those of this service are for deliveries. */
export const owners = { overdue: 'notifier-overdue', duties: 'notifier-duties' } as const;
/** Before the key of what is past its time. */
export const open = '!';
export const lookAgainSeconds = 5;
/** What is late by seconds need not be noticed within fractions of one. */
export const pollMs = 2_000;

/** How many publishes, and duties beside them, are past their time now. */
export function gaugeOverdue(registry: Registry, pool: ServiceRuntime['pool']): void {
  const gauge = new Gauge({
    name: 'm3_overdue',
    help: 'Publishes and other duties that are past their time',
    registers: [registry],
    async collect() {
      const { rows } = await pool.query<{ count: number }>(
        `select count(*)::int as count from process.deadline where service = any ($1) and key like '${open}%'`,
        [Object.values(owners)],
      );
      gauge.set(rows[0]?.count ?? 0);
    },
  });
}
