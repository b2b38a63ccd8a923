import type { Environment } from './environment.js';

/** Settings that every service has. */
export interface BaseConfig {
  /** PostgreSQL, with the service's own role. */
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** Health, readiness and metrics; for the gateway also its API. */
  readonly port: number;
  /** The address to listen on; by default all of the machine's. */
  readonly host: string;
  readonly logLevel: string;
}

export function readBaseConfig(environment: Environment, defaultPort: number): BaseConfig {
  return Object.freeze({
    databaseUrl: environment.text('DATABASE_URL'),
    natsUrl: environment.text('NATS_URL', 'nats://127.0.0.1:4222'),
    port: environment.number('PORT', defaultPort),
    host: environment.text('HOST', '0.0.0.0'),
    logLevel: environment.text('LOG_LEVEL', 'info'),
  });
}
