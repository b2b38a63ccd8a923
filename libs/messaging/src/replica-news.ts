import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import type { BusConnection } from './bus-connection.js';
import { handledSubject } from './bus-permissions.js';
import type { Handling } from './handling.js';

const EVERY_MS = 200;
const KEYS_A_MESSAGE = 5_000;

/**
 * Tells the other replicas of this service which messages were handled here, so that the one that does catch-up does not
 * hand them out again. Told over core NATS and never confirmed: news that is lost costs one handler call that changes nothing.
 */
export class ReplicaNews {
  private readonly self = randomUUID();
  private readonly subject: string;
  private readonly timer: NodeJS.Timeout;
  private unsubscribe: () => void = () => undefined;

  constructor(
    private readonly bus: BusConnection,
    service: string,
    private readonly handling: Handling,
  ) {
    this.subject = handledSubject(service);
    bus.listen({ up: (connection) => this.attach(connection), down: () => this.unsubscribe() });
    this.timer = setInterval(() => this.tell(), EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
    this.tell();
  }

  private attach(connection: NatsConnection): void {
    const subscription = connection.subscribe(this.subject, {
      callback: (error, message) => {
        if (error === null) this.hear(message.string());
      },
    });
    this.unsubscribe = () => {
      if (!connection.isClosed()) subscription.unsubscribe();
    };
  }

  private tell(): void {
    const keys = this.handling.takeJustHandled();
    const { ready } = this.bus;
    if (!ready) return;
    for (let start = 0; start < keys.length; start += KEYS_A_MESSAGE) {
      ready.publish(this.subject, [this.self, ...keys.slice(start, start + KEYS_A_MESSAGE)].join('\n'));
    }
  }

  private hear(text: string): void {
    if (text.startsWith(this.self)) return;
    this.handling.markDone(text.split('\n').slice(1));
  }
}
