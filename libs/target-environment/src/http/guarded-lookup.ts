import dns from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { normaliseHost, type AddressPolicy } from './address-policy.js';

/** A connection was to go where the policy does not let it. */
export class AddressRefusedError extends Error {
  readonly code = 'address_refused';

  constructor(host: string) {
    super(`${host} is at an address that is not allowed`);
    this.name = 'AddressRefusedError';
  }
}

/** Whether a host as it is written may be connected to; a name is judged by its addresses, once it was looked up. */
export function mayConnect(policy: AddressPolicy, host: string): boolean {
  const literal = normaliseHost(host);
  return isIP(literal) === 0 || policy.allowsHost(literal) || policy.allowsAddress(literal);
}

/**
 * Looks a name up and refuses it if any of its addresses is not allowed: the addresses that were checked are those that
 * are connected to. Sockets do not call it for literals: see {@link mayConnect}.
 */
export function guardedLookup(policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = policy.allowsHost(hostname) || addresses.every(({ address }) => policy.allowsAddress(address));
      if (!allowed) return callback(new AddressRefusedError(hostname), []);
      const [first] = addresses;
      if (options.all === true || first === undefined) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
