import type { VersionTaggedMessage } from '@m3/contracts';
import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

/** An event as it went over the bus, with the moment it was seen here. */
export interface SeenEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** When the service that wrote it says that it happened; ms since the epoch. */
  readonly occurredAt: number;
  readonly seenAt: number;
}

/** Somebody on the bus: tags versions and listens to events. */
export class BusObserver {
  private constructor(
    private readonly connection: NatsConnection,
    private readonly stream: JetStreamClient,
  ) {}

  static async connect(natsUrl: string): Promise<BusObserver> {
    const connection = await connect({ servers: natsUrl, name: 'm3-bench' });
    return new BusObserver(connection, jetstream(connection));
  }

  /** Calls back for each event on the subject, until the returned function is called. */
  async onEvent(subject: string, take: (event: SeenEvent) => void): Promise<() => void> {
    const subscription = this.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) take(seen(message.json()));
      },
    });
    await this.connection.flush();
    return () => subscription.unsubscribe();
  }

  /** Resolves when the bus has the tag. */
  async tag(message: VersionTaggedMessage): Promise<void> {
    await this.stream.publish(`version.tagged.${message.data.project}`, JSON.stringify(message), { msgID: message.id });
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

interface EventOnBus {
  readonly type: string;
  readonly time: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

function seen({ type, time, data = {} }: EventOnBus): SeenEvent {
  return { type, data, occurredAt: Date.parse(time), seenAt: Date.now() };
}
