import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Public by range, yet only cloud hosts answer there: Azure's platform address hands out instance secrets. */
const ALWAYS_REFUSED: ReadonlySet<string> = new Set(['168.63.129.16']);

const GLOBAL_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Decides which addresses an outgoing connection may go to. */
export interface AddressPolicy {
  /** True when the name itself is allow-listed: then any address that it resolves to is allowed. */
  allowsHost(host: string): boolean;
  allowsAddress(address: string): boolean;
}

/**
 * Only public addresses are allowed, beside those in `allow`: host names (exact), addresses, or CIDR ranges such as
 * `10.20.0.0/16`. Loopback, private, link-local (with the metadata service), carrier, reserved, multicast and
 * translated (IPv4-mapped, NAT64, 6to4, Teredo) addresses are refused.
 * @throws Error when an entry with a slash is not a CIDR range
 */
export function createAddressPolicy(allow: readonly string[] = []): AddressPolicy {
  const hosts = new Set<string>();
  const ranges: [Address, number][] = [];
  for (const entry of allow) {
    if (entry.includes('/')) ranges.push(ipaddr.parseCIDR(entry));
    else if (isIP(entry) !== 0) ranges.push(wholeAddress(entry));
    else hosts.add(normaliseHost(entry));
  }
  return {
    allowsHost: (host) => hosts.has(normaliseHost(host)),
    allowsAddress: (text) => {
      if (!ipaddr.isValid(text)) return false;
      const address = ipaddr.process(text);
      return ranges.some((range) => inRange(address, range)) || isPublic(address);
    },
  };
}

/** Lower case, without the brackets of an IPv6 literal and without the dot of a fully qualified name. */
export function normaliseHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function wholeAddress(text: string): [Address, number] {
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function inRange(address: Address, [network, bits]: [Address, number]): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast' || ALWAYS_REFUSED.has(address.toString())) return false;
  return address.kind() === 'ipv4' || inRange(address, GLOBAL_IPV6);
}
