import { givenServers, portsFrom, sandboxPort } from './start-options.js';

describe('ports', () => {
  it('all follow the first, and none is used twice', () => {
    const ports = [...Object.values(portsFrom(7400)), ...[0, 1, 2].map((index) => sandboxPort(7400, index))];

    expect(new Set(ports).size).toBe(ports.length);
    expect(Math.min(...ports)).toBe(portsFrom(7400).gateway);
    expect(Math.max(...ports)).toBeLessThanOrEqual(7430);
  });
});

describe('servers that run already', () => {
  const s3 = { S3_ENDPOINT: 'http://store:9000', S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'key' };

  it('are none when nothing is set, or set to nothing', () => {
    expect(givenServers({})).toEqual({});
    expect(givenServers({ DATABASE_URL: '', NATS_URL: '', S3_ENDPOINT: '' })).toEqual({});
  });

  it('are taken from the environment, each by itself', () => {
    expect(givenServers({ DATABASE_URL: 'postgres://me:pw@db:5432/m3' })).toEqual({
      postgres: { adminUrl: 'postgres://me:pw@db:5432/m3' },
    });
    expect(givenServers({ NATS_URL: 'nats://bus:4222' })).toEqual({ nats: { url: 'nats://bus:4222' } });
    expect(givenServers(s3).s3).toEqual({
      endpoint: 'http://store:9000',
      region: 'us-east-1',
      accessKeyId: 'id',
      secretAccessKey: 'key',
      bucket: 'm3-backups',
    });
  });

  it('are refused by the name of the variable, never with its value', () => {
    expect(() => givenServers({ DATABASE_URL: 'mysql://me:secret@db/m3' })).toThrow(
      'DATABASE_URL is no address that starts with postgres:// or postgresql://.',
    );
    expect(() => givenServers({ ...s3, S3_SECRET_ACCESS_KEY: '' })).toThrow('S3_SECRET_ACCESS_KEY has to be set');
  });
});
