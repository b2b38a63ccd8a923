import {
  DiscardPolicy,
  jetstreamManager,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/nats-core';
import { DEADLETTER_STREAM, EVENTS_STREAM, INBOX_STREAM } from './subjects.js';

export interface StreamOptions {
  /** Limit on the file of the event stream, in bytes. Default: 2 GiB. */
  readonly maxBytes?: number;
  /** Copies of each stream in a cluster. Default: 1. */
  readonly replicas?: number;
}

const HOUR_MS = 3_600_000;
const GIB = 1024 ** 3;

/**
 * Makes the streams that are missing. Existing ones keep their settings: an operator may have changed them, and two
 * releases of a service must not undo each other's.
 */
export async function ensureStreams(connection: NatsConnection, options: StreamOptions = {}): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 3_000 });
  const { maxBytes = 2 * GIB, replicas = 1 } = options;
  await ensureStream(manager, EVENTS_STREAM, { subjects: ['evt.>'], hours: 48, maxBytes, replicas });
  await ensureStream(manager, INBOX_STREAM, { subjects: ['version.tagged.>'], hours: 14 * 24, maxBytes, replicas });
  await ensureStream(manager, DEADLETTER_STREAM, { subjects: ['deadletter.>'], hours: 14 * 24, maxBytes, replicas });
}

interface Wanted {
  readonly subjects: string[];
  readonly hours: number;
  readonly maxBytes: number;
  readonly replicas: number;
}

async function ensureStream(manager: JetStreamManager, name: string, wanted: Wanted): Promise<void> {
  if (await exists(manager, name)) return;
  await manager.streams.add({
    name,
    subjects: wanted.subjects,
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: nanos(wanted.hours * HOUR_MS),
    max_bytes: wanted.maxBytes,
    num_replicas: wanted.replicas,
    duplicate_window: nanos(120_000),
  });
}

async function exists(manager: JetStreamManager, name: string): Promise<boolean> {
  try {
    await manager.streams.info(name);
    return true;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return false;
    throw error;
  }
}
