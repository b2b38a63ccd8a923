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
