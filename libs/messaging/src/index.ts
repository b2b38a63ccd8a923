export type { BusLog } from './bus-log.js';
export { busPermissions, type BusPermissions, type BusUse } from './bus-permissions.js';
export { MemoryCheckpoints, PostgresCheckpoints, type Checkpoint, type Checkpoints } from './checkpoints.js';
export type { Delivery, Handler, InboxMessage } from './consumer.js';
export { DeadLetterReplay, type ReplayedLetter } from './dead-letter-replay.js';
export type { DeadLetter, DeadLetters } from './dead-letters.js';
export { EffectLease } from './effect-lease.js';
export { Busy, Unprocessable } from './errors.js';
export { EVENT_BUS, EventBusStrategy, type HandlerOptions } from './event-bus-strategy.js';
export { EventBus, type EventBusOptions } from './event-bus.js';
export { EventRelay, type OutgoingMessage } from './event-relay.js';
export { FaultsReachTheBus, HandleEvent, HandleInbox } from './handle-event.js';
export { defaultRetryPolicy, type RetryPolicy } from './handling.js';
export {
  deadLetterId,
  LogDeadLetters,
  MemoryDeadLetterPayloads,
  PostgresDeadLetterPayloads,
  type DeadLetterPayloads,
} from './log-dead-letters.js';
export { messagingGrants, messagingMigrations, migrateMessaging } from './messaging-migrations.js';
export { noMetrics, type MessagingMetrics, type Source } from './metrics.js';
export { firstTime } from './processed-messages.js';
export { PublishingEventStore } from './publishing-event-store.js';
export { MemorySessionLocks, PostgresSessionLocks, type SessionLock, type SessionLocks } from './session-locks.js';
export { lastingConnection } from './lasting-connection.js';
export type { StreamOptions } from './streams.js';
