import { createAddressPolicy } from './address-policy.js';

describe('without an allow-list', () => {
  const policy = createAddressPolicy();

  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback beyond .1', '127.8.9.10'],
    ['this host', '0.0.0.0'],
    ['private 10/8', '10.1.2.3'],
    ['private 172.16/12', '172.31.255.255'],
    ['private 192.168/16', '192.168.1.1'],
    ['link-local, with the metadata service', '169.254.169.254'],
    ['carrier-grade NAT, with a metadata service', '100.100.100.200'],
    ['metadata at a public address', '168.63.129.16'],
    ['reserved', '192.0.0.192'],
    ['benchmarking', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv6 loopback', '::1'],
    ['IPv6 unspecified', '::'],
    ['IPv6 link-local', 'fe80::1'],
    ['IPv6 unique local, with a metadata service', 'fd00:ec2::254'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped metadata, in hexadecimal', '::ffff:a9fe:a9fe'],
    ['IPv4-compatible loopback', '::127.0.0.1'],
    ['NAT64 of a private address', '64:ff9b::10.0.0.1'],
    ['6to4 of loopback', '2002:7f00:1::'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['site-local, deprecated', 'fec0::1'],
    ['IPv6 multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'],
    ['not an address', 'example.com'],
  ])('refuses %s', (_what, address) => {
    expect(policy.allowsAddress(address)).toBe(false);
  });

  it.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])(
    'allows %s',
    (address) => {
      expect(policy.allowsAddress(address)).toBe(true);
    },
  );
});

describe('with an allow-list', () => {
  const policy = createAddressPolicy(['127.0.0.0/8', '10.1.2.3', 'fd12::/16', 'Gateway.Internal.']);

  it.each(['127.0.0.1', '::ffff:127.0.0.1', '10.1.2.3', 'fd12:1::5'])('allows %s', (address) => {
    expect(policy.allowsAddress(address)).toBe(true);
  });

  it.each(['10.1.2.4', '169.254.169.254', '::1'])('still refuses %s', (address) => {
    expect(policy.allowsAddress(address)).toBe(false);
  });

  it('allows a host by its exact name, however it is written', () => {
    expect(policy.allowsHost('gateway.internal')).toBe(true);
    expect(policy.allowsHost('GATEWAY.INTERNAL.')).toBe(true);
    expect(policy.allowsHost('other.gateway.internal')).toBe(false);
  });

  it('says at once when a range is not one', () => {
    expect(() => createAddressPolicy(['10.0.0.0/99'])).toThrow();
  });
});
