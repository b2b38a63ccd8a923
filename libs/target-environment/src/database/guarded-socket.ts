import { Socket } from 'node:net';
import type { AddressPolicy } from '../http/address-policy.js';
import { AddressRefusedError, guardedLookup, mayConnect } from '../http/guarded-lookup.js';

/** Sockets for the driver that go to allowed addresses only. Each connection is checked where it is made. */
export function guardedSockets(policy: AddressPolicy): () => Socket {
  const lookup = guardedLookup(policy);
  return () => {
    const socket = new Socket();
    const connect = socket.connect.bind(socket);
    /** The one form in which the driver calls it. */
    const guarded = (port: number, host: string): Socket =>
      mayConnect(policy, host)
        ? connect({ port, host, lookup })
        : // As any connection fails: later, and by an event.
          socket.destroy(new AddressRefusedError(host));
    return Object.assign(socket, { connect: guarded });
  };
}
