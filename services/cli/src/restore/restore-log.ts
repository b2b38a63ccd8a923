import {
  EventRegistry,
  eventCatalogue,
  targetNameStream,
  type DomainEventType,
  type EventData,
  type RecordedEvent,
  type RecordedEventOf,
} from '@m3/contracts';
import { createPool, PostgresEventStore } from '@m3/event-store';
import { localKeyProvider, SecretStore } from '@m3/secrets';
import { CliError } from '../cli-error.js';
import { exitCodes } from '../exit-codes.js';
import { faultOf } from '../fault.js';
import type { RestoreSettings } from './restore-settings.js';

type Address = EventData<'TargetCreated'>['address'];

/** A target as the log knows it. */
export interface LoggedTarget {
  readonly target_id: string;
  readonly name: string;
  readonly address: Address;
  /** The highest fence that any publish was given. */
  readonly fence: number;
}

/**
 * The product's own database without its services. Everything is read from single streams, which hold also what was not
 * sealed before the services stopped.
 */
export class RestoreLog {
  private readonly pool;
  private readonly store;

  constructor(url: string) {
    this.pool = createPool({ connectionString: url, applicationName: 'm3-publish-restore' });
    this.store = new PostgresEventStore(this.pool, new EventRegistry(eventCatalogue));
  }

  /** @throws CliError */
  async target(idOrName: string): Promise<LoggedTarget> {
    const target_id = (await this.named(idOrName)) ?? idOrName;
    const settled = (await this.stream(`target-${target_id}`)).filter(isSettled).at(-1)?.data;
    if (settled === undefined)
      throw new CliError('unknown_target', `the log knows no target ${JSON.stringify(idOrName)}`, { field: 'target' });
    const slots = await this.stream(`slot-${target_id}`);
    const fences = slots.flatMap((event) => (isOf(event, 'SlotGranted') ? [event.data.fence] : []));
    const { address, document } = settled;
    return { target_id, name: document.name, address, fence: Math.max(0, ...fences) };
  }

  /** The backup as it was taken; undefined: the log knows of none. @throws CliError */
  async backup(backupId: string): Promise<EventData<'BackupTaken'> | undefined> {
    const events = await this.stream(`backup-${backupId}`);
    return events.find((event) => isOf(event, 'BackupTaken'))?.data;
  }

  /** The target's database URL. @throws CliError */
  async databaseUrl(
    { address, target_id }: LoggedTarget,
    { secretKey, previousKeys }: Pick<RestoreSettings, 'secretKey' | 'previousKeys'>,
  ): Promise<string> {
    const remedy = 'set SECRET_KEY as the services have it, or give --target-database-url';
    if (secretKey === undefined)
      throw new CliError('setting_missing', 'the database of the target is a secret, and SECRET_KEY is not set', {
        field: 'SECRET_KEY',
        remedy,
      });
    try {
      const keys = localKeyProvider(secretKey, previousKeys);
      return await new SecretStore(this.pool, keys, 'target_database').get(address.secret_ref, target_id);
    } catch (error) {
      throw new CliError('secret_cannot_be_opened', faultOf(error).message, { field: 'SECRET_KEY', remedy });
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async named(name: string): Promise<string | undefined> {
    const [first] = await this.stream(targetNameStream(name));
    return first !== undefined && isOf(first, 'TargetNamed') ? first.data.target_id : undefined;
  }

  private async stream(name: string): Promise<readonly RecordedEvent[]> {
    try {
      return await this.store.readStream(name);
    } catch (error) {
      throw new CliError('log_unreachable', `the log cannot be read: ${faultOf(error).message}`, {
        field: 'database-url',
        remedy:
          'correct DATABASE_URL; or do without the log: leave it unset and give --target-database-url, --schema, ' +
          '--from s3://bucket/key and --digest',
        exitCode: exitCodes.unknown,
      });
    }
  }
}

function isOf<Type extends DomainEventType>(event: RecordedEvent, type: Type): event is RecordedEventOf<Type> {
  return event.type === type;
}

function isSettled(event: RecordedEvent): event is RecordedEventOf<'TargetCreated'> | RecordedEventOf<'TargetChanged'> {
  return isOf(event, 'TargetCreated') || isOf(event, 'TargetChanged');
}
