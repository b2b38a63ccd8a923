import { processorTimeMs } from '../process-usage.js';
import type { Stack } from '@m3/local';

/** The processes of a stack by name, in the order of a publish. */
export function stackProcesses(stack: Stack, postgresPid?: number): ReadonlyMap<string, number> {
  const { targets, gates, approvals, backups, deployer, notifier, gateway } = stack.services;
  const { postgres, nats, s3 } = stack.servers;
  const pids: readonly (readonly [string, number | undefined])[] = [
    ['targets', targets.pid],
    ['gates', gates.pid],
    ['approvals', approvals.pid],
    ['backups', backups.pid],
    ['deployer', deployer.pid],
    ['notifier', notifier.pid],
    ['gateway', gateway.pid],
    ...[...stack.sandboxes.values()].map(({ name, gateway: { pid } }) => [`sandbox ${name}`, pid] as const),
    ['PostgreSQL', postgresPid ?? postgres.local?.pid],
    ['NATS', nats.local?.pid],
    ['S3', s3.local?.pid],
  ];
  return new Map(pids.flatMap(([name, pid]) => (pid === undefined ? [] : [[name, pid]])));
}

/** What each process spends between two moments. */
export class ProcessorTimes {
  private readonly moments: ReadonlyMap<string, number>[] = [];

  constructor(private readonly pids: ReadonlyMap<string, number>) {}

  /** Remembers this moment: call it at the beginning and at the end. */
  async take(): Promise<void> {
    const times = [...this.pids].map(async ([name, pid]) => [name, await processorTimeMs(pid)] as const);
    this.moments.push(new Map(await Promise.all(times)));
  }

  /** Rows for a table: each process with its ms per publish, and the sum. */
  perPublish(publishes: number): readonly (readonly string[])[] {
    const [before, after] = this.moments;
    if (!before || !after) throw new Error('there are not two moments to compare');
    const spent = [...after].map(([name, ms]) => [name, (ms - (before.get(name) ?? 0)) / publishes] as const);
    const sum = spent.reduce((total, [, ms]) => total + ms, 0);
    return [...spent, ['all', sum] as const].map(([name, ms]) => [`  ${name}`, ms.toFixed(1)]);
  }
}
