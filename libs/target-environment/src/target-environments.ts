import { LRUCache } from 'lru-cache';
import { initialiseTarget } from './database/initialise-target.js';
import { databaseFailure } from './database/database-failure.js';
import { DatabaseSessions } from './database/database-sessions.js';
import { describeDatabase } from './database/connection-url.js';
import { InvalidSchemaNameError } from './database/schema-name.js';
import { TargetDatabase } from './database/target-database.js';
import type { CallOptions } from './deadline.js';
import type { Capabilities } from './gateway/answers.js';
import { readCapabilities } from './gateway/extension.js';
import { GatewayClient } from './gateway/gateway-client.js';
import { createAddressPolicy } from './http/address-policy.js';
import { createGuardedHttp, type GuardedHttp } from './http/guarded-http.js';
import { targetEnvironment, type TargetEnvironment } from './target-environment.js';

export interface TargetConnection {
  readonly gatewayUrl: string;
  readonly gatewayToken?: string | undefined;
  /** A secret: it is never part of an error. */
  readonly databaseUrl: string;
  readonly schema: string;
}

export interface TargetEnvironmentsOptions {
  /** Hosts, addresses and CIDR ranges that gateways and databases may have beside public addresses. */
  readonly allow?: readonly string[];
  /** Databases with open connections at a time; likewise gateways. Default 200. */
  readonly maxOpen?: number;
  /** A target has its place at one of them. Default 4. */
  readonly sessionsPerDatabase?: number;
  readonly connectionsPerGateway?: number;
  /** What was not used for this long is closed. Default 60,000. */
  readonly idleMs?: number;
  /** Deadline of a call that has no own one. Default 10,000. */
  readonly timeoutMs?: number;
}

const DEFAULTS = {
  maxOpen: 200,
  sessionsPerDatabase: 4,
  connectionsPerGateway: 16,
  idleMs: 60_000,
  timeoutMs: 10_000,
};
const CAPABILITIES_TTL_MS = 30_000;
/** Handles are made of addresses that have to be read and checked; one holds a kilobyte. */
const HANDLES_KEPT = 1_000;

/**
 * The targets that a process works with. Connections are shared by all targets of the same database or gateway, opened
 * on first use and closed when idle, so thousands of targets need few sockets. One per process.
 */
export class TargetEnvironments {
  readonly #limits: typeof DEFAULTS;
  readonly #sessions: DatabaseSessions;
  readonly #http: GuardedHttp;
  readonly #capabilities = new LRUCache<string, { readonly known: Capabilities | null }>({
    max: 5000,
    ttl: CAPABILITIES_TTL_MS,
  });
  readonly #handles = new LRUCache<string, TargetEnvironment>({ max: HANDLES_KEPT });

  constructor(options: TargetEnvironmentsOptions = {}) {
    this.#limits = { ...DEFAULTS, ...options };
    const { maxOpen, sessionsPerDatabase, connectionsPerGateway, idleMs, timeoutMs } = this.#limits;
    const { allow = [] } = options;
    const policy = createAddressPolicy(allow);
    this.#sessions = new DatabaseSessions({ maxOpen, perDatabase: sessionsPerDatabase, idleMs, policy });
    this.#http = createGuardedHttp({
      allow,
      maxOrigins: maxOpen,
      connectionsPerOrigin: connectionsPerGateway,
      idleMs,
      timeoutMs,
    });
  }

  /**
   * A handle on one target; opens no connection, and needs no closing of its own.
   * @throws InvalidSchemaNameError; TargetUnreachableError (`invalid_url`) for a database URL that cannot be used
   */
  open(connection: TargetConnection): TargetEnvironment {
    const { gatewayUrl, gatewayToken, databaseUrl, schema } = connection;
    const key = JSON.stringify([gatewayUrl, gatewayToken, databaseUrl, schema]);
    const known = this.#handles.get(key);
    if (known !== undefined) return known;
    const handle = this.#handle(connection);
    this.#handles.set(key, handle);
    return handle;
  }

  #handle(connection: TargetConnection): TargetEnvironment {
    const gateway = new GatewayClient(this.#http, connection, this.#limits.timeoutMs);
    return targetEnvironment({
      gateway,
      database: new TargetDatabase(this.#sessions, connection, this.#limits.timeoutMs),
      remember: (known) => this.#remember(connection.gatewayUrl, known),
      capabilities: (call) => this.capabilities(connection, call),
    });
  }

  /** What the extension of a gateway can do, remembered for a while; null: it has none. @throws TargetUnreachableError */
  async capabilities(
    connection: Pick<TargetConnection, 'gatewayUrl' | 'gatewayToken'>,
    call: CallOptions = {},
  ): Promise<Capabilities | null> {
    const remembered = this.#capabilities.get(connection.gatewayUrl);
    if (remembered !== undefined) return remembered.known;
    const known = await readCapabilities(new GatewayClient(this.#http, connection, this.#limits.timeoutMs), call);
    this.#remember(connection.gatewayUrl, known);
    return known;
  }

  #remember(gatewayUrl: string, known: Capabilities | null): void {
    this.#capabilities.set(gatewayUrl, { known });
  }

  /** Makes tables and functions of a target (`m3-publish target init`). @throws InvalidSchemaNameError, TargetUnreachableError */
  async initialise({ databaseUrl, schema }: Pick<TargetConnection, 'databaseUrl' | 'schema'>): Promise<void> {
    const description = describeDatabase(databaseUrl);
    try {
      await this.#sessions.use({ databaseUrl, schema }, (pool) => initialiseTarget(pool, schema));
    } catch (error) {
      throw error instanceof InvalidSchemaNameError ? error : databaseFailure(error, description);
    }
  }

  /** Waits for running calls, then closes every connection. */
  async close(): Promise<void> {
    await Promise.all([this.#sessions.close(), this.#http.close()]);
  }
}
