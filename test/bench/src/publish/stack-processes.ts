import { processorTimeMs } from '../process-usage.js';
import type { Stack } from '@m3/local';

/** The seven services by name, in the order of a publish. */
export function serviceProcesses({ services }: Stack): ReadonlyMap<string, number> {
  const { targets, gates, approvals, backups, deployer, notifier, gateway } = services;
  return running(Object.entries({ targets, gates, approvals, backups, deployer, notifier, gateway }));
}

/** All processes of a stack by name: the services, what they publish to, and the servers. */
export function stackProcesses(stack: Stack, postgresPid: number): ReadonlyMap<string, number> {
  const { nats, s3 } = stack.servers;
  const sandboxes = [...stack.sandboxes.values()].map(({ name, gateway }) => [`sandbox ${name}`, gateway] as const);
  const others = running([...sandboxes, ['NATS', nats.local], ['S3', s3.local]]);
  return new Map([...serviceProcesses(stack), ['PostgreSQL', postgresPid], ...others]);
}

type Named = readonly [string, { readonly pid: number | undefined } | undefined];

function running(processes: readonly Named[]): ReadonlyMap<string, number> {
  return new Map(processes.flatMap(([name, process]) => (process?.pid === undefined ? [] : [[name, process.pid]])));
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
