import { reconnectPace } from './reconnect-pace.js';

export interface Lasting {
  /** How often a server that is away is tried. */
  readonly reconnectEveryMs: number;
  /** How often the other end has to show that it is there; three times without an answer, and the client connects anew. */
  readonly pingEveryMs?: number;
}

/**
 * Options of a NATS connection that its process cannot do without. It comes back however long the server was away, and notices
 * within seconds when it is half open: nothing tells, what is sent is lost, and by its defaults the client takes five minutes.
 */
export function lastingConnection({ reconnectEveryMs, pingEveryMs = 5_000 }: Lasting) {
  return {
    maxReconnectAttempts: -1,
    reconnectDelayHandler: reconnectPace(reconnectEveryMs),
    pingInterval: pingEveryMs,
    maxPingOut: 2,
  };
}
