import type { ServiceName } from '@m3/contracts';

/** What there is to publish to, and to break: known before anything runs, so that a plan can name it. */

export const services = [
  'gateway',
  'targets',
  'deployer',
  'gates',
  'approvals',
  'backups',
  'notifier',
] as const satisfies readonly ServiceName[];

/** Sandbox gateways, each with a database of its own on the targets' PostgreSQL. */
export const sandboxes = ['coast', 'inland'] as const;
export type SandboxName = (typeof sandboxes)[number];

export interface Place {
  /** Also the schema in the sandbox's database. */
  readonly name: string;
  readonly sandbox: SandboxName;
  /** Tags are published there at once; else somebody has to ask, and somebody else to approve. */
  readonly automatic: boolean;
  /** Executions are brought to a version share by share; else all at once. */
  readonly shared: boolean;
}

export const places: readonly Place[] = [
  { name: 'north', sandbox: 'coast', automatic: true, shared: false },
  { name: 'east', sandbox: 'coast', automatic: true, shared: true },
  { name: 'harbour', sandbox: 'coast', automatic: false, shared: false },
  { name: 'south', sandbox: 'inland', automatic: true, shared: false },
  { name: 'west', sandbox: 'inland', automatic: true, shared: true },
  { name: 'valley', sandbox: 'inland', automatic: false, shared: false },
];

export type Server = 'postgres' | 'nats' | 's3';
const withStorage: readonly ServiceName[] = ['targets', 'gates', 'backups'];

export const linkOf = (from: ServiceName, to: Server): string => `${from} → ${to}`;
export const linkTo = (sandbox: string, what: 'gateway' | 'database'): string => `targets of ${sandbox} → ${what}`;

/** Every connection that can be cut, slowed or left half open. */
export const links: readonly string[] = [
  ...services.flatMap((service) => [linkOf(service, 'postgres'), linkOf(service, 'nats')]),
  ...withStorage.map((service) => linkOf(service, 's3')),
  ...sandboxes.flatMap((sandbox) => [linkTo(sandbox, 'gateway'), linkTo(sandbox, 'database')]),
];
