import { EventRegistry, eventCatalogue, type ServiceName } from '@m3/contracts';
import { createPool, PostgresEventStore, Sealer } from '@m3/event-store';
import { EventBus, PostgresCheckpoints, PostgresDeadLetterPayloads, PostgresSessionLocks } from '@m3/messaging';
import { Registry } from 'prom-client';
import type { BaseConfig } from './base-config.js';
import { busMetrics } from './bus-metrics.js';
import { createLogger } from './logger.js';
import type { ServiceRuntime } from './runtime.js';

export interface StartedRuntime {
  readonly runtime: ServiceRuntime;
  /** Closes everything, last opened first. */
  readonly stop: () => Promise<void>;
}

/** Opens what every service has. Nothing waits for the bus: without it work goes on through the log. */
export function startRuntime(service: ServiceName, config: BaseConfig): StartedRuntime {
  const log = createLogger(service, config.logLevel);
  const metrics = new Registry();
  const pool = createPool({
    connectionString: config.databaseUrl,
    applicationName: `m3-${service}`,
    onError: (error) => log.warn({ err: error }, 'a database connection broke; it is replaced'),
  });
  const registry = new EventRegistry(eventCatalogue);
  const locks = new PostgresSessionLocks({
    connectionString: config.databaseUrl,
    application_name: `m3-${service}-locks`,
    keepAlive: true,
  });
  const bus = new EventBus({
    service,
    nats: { servers: [config.natsUrl] },
    store: new PostgresEventStore(pool, registry),
    registry,
    checkpoints: new PostgresCheckpoints(pool),
    locks,
    payloads: new PostgresDeadLetterPayloads(pool),
    log,
    metrics: busMetrics(metrics),
  });
  const sealer = new Sealer({
    connectionString: config.databaseUrl,
    onError: (error) => log.warn({ err: error }, 'the sealer lost its connection; it connects again'),
  });
  sealer.start();
  const closers: (() => Promise<void> | void)[] = [];
  const runtime: ServiceRuntime = {
    service,
    config,
    log,
    pool,
    store: bus.store,
    bus,
    clock: () => new Date(),
    metrics,
    onStop: (close) => void closers.unshift(close),
  };
  const stop = async () => {
    for (const close of closers) await close();
    await bus.stop();
    await sealer.stop();
    await locks.close();
    await pool.end();
  };
  return { runtime, stop };
}
