import type { ServiceName } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import type { EventBus } from '@m3/messaging';
import type { Clock } from '@m3/process';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { BaseConfig } from './base-config.js';

/** What every service has: log, bus, database, clock. Passed to its module, which hands the parts to those who need them. */
export interface ServiceRuntime {
  readonly service: ServiceName;
  readonly config: BaseConfig;
  readonly log: Logger;
  readonly pool: Pool;
  /** Appends through this store are relayed to the bus. */
  readonly store: EventStore;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly metrics: Registry;
  /** Registers what has to be closed when the service stops, before the bus and the database are. */
  onStop(close: () => Promise<void> | void): void;
}

/** Injection token of the {@link ServiceRuntime}. */
export const RUNTIME = Symbol('service-runtime');
