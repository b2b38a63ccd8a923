import { bundleDigest, type Bundle } from '@m3/artifacts';
import {
  EventRegistry,
  eventCatalogue,
  newId,
  type DomainEventType,
  type EventData,
  type PublishSubject,
  type RecordedEventOf,
} from '@m3/contracts';
import { MemoryEventStore, type EventStore } from '@m3/event-store';
import { freePort } from '@m3/local-servers';
import { EffectLease, MemorySessionLocks } from '@m3/messaging';
import type { ObjectStorage } from '@m3/object-storage';
import { startedBy } from '@m3/process';
import { TargetEnvironments, type TargetEnvironment } from '@m3/target-environment';
import { createTestDatabase, type TestDatabase } from '@m3/testing';
import { BackupStreams } from './use-cases/backup-streams.js';
import { KeepBackups } from './use-cases/keep-backups.js';
import { PruneBackups } from './use-cases/prune-backups.js';
import { RecordHandRestore } from './use-cases/record-hand-restore.js';
import { TargetShelves } from './use-cases/target-shelves.js';
import { VerifyBackups } from './use-cases/verify-backups.js';

const bundle = (version: string): Bundle => ({
  workflows: [],
  agents: [{ name: 'reviewer', system_message: `You review ${version}.` }],
  processors: [],
  tests: [],
});

export async function activate(target: TargetEnvironment, version: string, fence: number): Promise<void> {
  const contents = {
    project: 'invoice-pipeline',
    bundle: bundle(version),
    bundleDigest: bundleDigest(bundle(version)),
  };
  await target.deploy({ ...contents, version, fence });
  const { active } = await target.releaseState();
  await target.activate({ version, expectedVersion: active?.version ?? null, fence });
}

export const startAt = '2026-03-19T14:23:45.000Z';

export interface KeepingOptions {
  readonly storage: ObjectStorage;
  readonly bucket: string;
  /** Seconds that a step may take. */
  readonly timeoutSeconds?: number;
}

/** Targets with one version active, and services that keep their backups. */
export function useKeeping() {
  const environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
  let database: TestDatabase;
  let made = 0;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await environments.close();
    await database.drop();
  });
  return async (options: KeepingOptions) => {
    const schema = `target_${++made}`;
    await environments.initialise({ databaseUrl: database.url, schema });
    const gateway_url = `http://127.0.0.1:${await freePort()}`;
    const target = environments.open({ gatewayUrl: gateway_url, databaseUrl: database.url, schema });
    await activate(target, 'v1.0.0', 10);
    return new Keeping(options, target, { gateway_url, schema });
  };
}

/** One target, its log, its clock, and the services around it. */
export class Keeping {
  readonly store: EventStore = new MemoryEventStore(new EventRegistry(eventCatalogue));
  readonly errors: unknown[] = [];
  readonly targetId = newId('target');
  /** The target as the services find it; a test may put another in its place. */
  reached: () => Promise<TargetEnvironment> = async () => this.target;
  private readonly locks = new MemorySessionLocks();
  private time = Date.parse(startAt);

  constructor(
    private readonly options: KeepingOptions,
    readonly target: TargetEnvironment,
    private readonly place: { readonly gateway_url: string; readonly schema: string },
  ) {}

  /** Services of one more process, which know nothing but the log. */
  services(store: EventStore = this.store) {
    const { storage, bucket } = this.options;
    const parts = {
      ...{ store, storage, bucket },
      streams: new BackupStreams(store),
      shelves: new TargetShelves(store),
      targets: { open: () => this.reached() },
      lease: new EffectLease(this.locks),
      clock: () => new Date(this.time),
      onError: (error: unknown) => void this.errors.push(error),
    };
    return {
      keeping: new KeepBackups(parts),
      verifying: new VerifyBackups(parts),
      pruning: new PruneBackups(parts),
      restores: new RecordHandRestore(parts),
    };
  }

  /** A log that takes nothing more in: the process that appends dies before it does. */
  get dying(): EventStore {
    const { store } = this;
    return {
      append: () => Promise.reject(new Error('killed')),
      readStream: (...read) => store.readStream(...read),
      readLog: (read) => store.readLog(read),
      readHeads: (read) => store.readHeads(read),
      lastSeq: () => store.lastSeq(),
    };
  }

  advance(seconds: number): void {
    this.time += seconds * 1000;
  }

  get now(): string {
    return new Date(this.time).toISOString();
  }

  subject(publish_id: string, version = 'v1.1.0'): PublishSubject {
    return {
      ...{ publish_id, version, project: 'invoice-pipeline', bundle_digest: bundleDigest(bundle(version)) },
      ...{ target_id: this.targetId, target_name: 'Production', environment: 'production' },
      address: this.address,
    };
  }

  /** The log says that the target is there, with this retention. */
  async applied(backups?: object): Promise<void> {
    const document = {
      ...{ name: 'Production', environment: 'production', type: 'auto_deploy' as const, gateway_id: 'gateway' },
      ...{ ...this.place, ...(backups ? { backups } : {}) },
    };
    const data = {
      target_id: this.targetId,
      document,
      address: this.address,
      config_digest: bundleDigest(bundle('v')),
    };
    await this.append('TargetCreated', data, `target-${this.targetId}`);
  }

  /** A publish that has got its slot asks for a backup; answers the request, to be handed to any service. */
  async requested(publish_id = newId('publish')): Promise<RecordedEventOf<'BackupRequested'>> {
    const deadline_at = new Date(this.time + (this.options.timeoutSeconds ?? 600) * 1000).toISOString();
    const data = {
      subject: this.subject(publish_id),
      backup_id: newId('backup'),
      required: true,
      fence: 10,
      deadline_at,
    };
    return this.append('BackupRequested', data, `publish-${publish_id}`);
  }

  /** A backup that was taken for a publish which goes on. */
  async taken(): Promise<RecordedEventOf<'BackupRequested'>> {
    const request = await this.requested();
    await this.services().keeping.take(request);
    return request;
  }

  async restoreRequested(backup_id: string, fence = 21): Promise<RecordedEventOf<'RestoreRequested'>> {
    const publish_id = newId('publish');
    const why = { failed_step: 'verifying', reason: 'it failed', code: 'failed', timed_out: false } as const;
    const deadline_at = new Date(Date.parse(startAt) + 120_000).toISOString();
    const data = { subject: this.subject(publish_id), backup_id, fence, unknown: null, deadline_at, ...why };
    return this.append('RestoreRequested', data, `publish-${publish_id}`);
  }

  async append<Type extends DomainEventType>(
    type: Type,
    data: EventData<Type>,
    stream: string,
  ): Promise<RecordedEventOf<Type>> {
    const expectedVersion = (await this.store.readStream(stream)).length;
    await this.store.append([{ stream, expectedVersion, events: [{ type, data }] }], this.context('test'));
    const event = (await this.store.readStream(stream)).at(-1);
    if (!isOf(event, type)) throw new Error(`${type} was not recorded`);
    return event;
  }

  async ended(backup_id: string) {
    return (await this.store.readStream(`backup-${backup_id}`)).map(({ type, data }) => ({ type, data }));
  }

  context(causationId: string) {
    return startedBy(causationId, { kind: 'user', id: 'ann' }, () => new Date(this.time));
  }

  private get address() {
    return { ...this.place, database: { host: '127.0.0.1', port: 5432, name: 'm3' }, secret_ref: secretRef };
  }
}

const secretRef = newId('secret');

function isOf<Type extends DomainEventType>(
  event: { readonly type: string } | undefined,
  type: Type,
): event is RecordedEventOf<Type> {
  return event?.type === type;
}
