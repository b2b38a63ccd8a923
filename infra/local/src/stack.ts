import type { ServiceName } from '@m3/contracts';
import type { LocalIssuer } from './issuer.js';
import type { LocalProcess } from './local-process.js';
import type { Sandbox, SandboxPlan } from './sandbox.js';
import type { StackSecrets } from './secrets.js';
import type { NatsOfStack, PostgresOfStack, S3OfStack, S3Settings } from './stack-servers.js';
import type { WebhookChannel } from './webhook-receiver.js';

/** What a stack is made of, for who watches it start. */
export type StackPart = 'postgres' | 'nats' | 's3' | 'database' | `sandbox ${string}` | ServiceName;

export interface StackListener {
  readonly begun?: (part: StackPart) => void;
  /** `note`: an address, or where it comes from. */
  readonly done?: (part: StackPart, note: string) => void;
  readonly failed?: (part: StackPart, error: unknown) => void;
  /** A line that says what a part is at, while it takes its time. */
  readonly says?: (part: StackPart, line: string) => void;
  /** A process ended though nobody asked it to; `how`: `exit code 1`, `SIGKILL` … */
  readonly ended?: (part: StackPart, how: string, process: LocalProcess) => void;
}

export interface StackPorts extends Partial<Record<ServiceName, number>> {
  readonly postgres?: number;
  readonly nats?: number;
  readonly s3?: number;
}

/** A server that services connect to, and who wants to. */
export interface Way {
  readonly from: ServiceName;
  readonly to: 'postgres' | 'nats' | 's3';
  readonly url: string;
}

/** Servers that run already. */
export interface GivenServers {
  readonly postgres?: Pick<PostgresOfStack, 'adminUrl'>;
  readonly nats?: Pick<NatsOfStack, 'url'>;
  readonly s3?: S3Settings;
}

export interface StackOptions {
  /** Secrets, data of embedded servers and logs live here; what is there is used again. */
  readonly home: string;
  /** Sandbox gateways, each with a database of its own that holds a schema for each target. */
  readonly sandboxes: readonly SandboxPlan[];
  /** Ports that are not given are any free ones. */
  readonly ports?: StackPorts;
  /** These are used; the others are started. */
  readonly servers?: GivenServers;
  /** Default: those kept in the home folder. */
  readonly secrets?: StackSecrets;
  readonly webhooks?: readonly WebhookChannel[];
  /** Settings beside those that every service gets, or in their place. */
  readonly serviceEnv?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
  /** Answers the address that a service is to use for a server, e.g. that of a proxy. Default: the server's own. */
  readonly lead?: (way: Way) => Promise<string>;
  /** `throw_away`: the embedded PostgreSQL does not wait for the disk. Default `safe`. */
  readonly durability?: 'safe' | 'throw_away';
  readonly listener?: StackListener;
}

/** The whole product on this machine: servers, sandbox targets, and seven services as seven processes. */
export interface Stack {
  readonly home: string;
  readonly servers: { readonly postgres: PostgresOfStack; readonly nats: NatsOfStack; readonly s3: S3OfStack };
  /** By name. */
  readonly sandboxes: ReadonlyMap<string, Sandbox>;
  readonly services: Readonly<Record<ServiceName, LocalProcess>>;
  /** Signs tokens that the gateway accepts. */
  readonly issuer: LocalIssuer;
  readonly secrets: StackSecrets;
  /** Ends everything that the stack started: services and gateways first, servers last. May be called again. */
  stop(): Promise<void>;
}
