export { eventDigest, type StoredEvent } from './canonical-event.js';
export { createPool, type PoolOptions } from './create-pool.js';
export { CategoryNotOwnedError, EventStoreUnavailableError, InvalidAppendError, LogGapError } from './errors.js';
export { eventStoreMigrations, migrateEventStore } from './event-store-migrations.js';
export type {
  AppendContext,
  AppendResult,
  EventHead,
  EventStore,
  ReadLog,
  StreamWrite,
  VersionConflict,
} from './event-store.js';
export type { SealedRow } from './event-rows.js';
export type { GroupCommitLimits } from './group-commit.js';
export { MemoryEventStore } from './memory-event-store.js';
export { migrate, MigrationError, type Migrations } from './migrate.js';
export { PostgresEventStore } from './postgres-event-store.js';
export { provisionRole, type ServiceRole } from './provision-role.js';
export { sealStatus, type SealStatus } from './seal-status.js';
export { Sealer, type SealerOptions } from './sealer.js';
export { tailLog, type LogSubscription } from './tail-log.js';
