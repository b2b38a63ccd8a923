import { TargetUnreachableError } from '../errors.js';
import { connectionSettings, describeDatabase } from './connection-url.js';

it('shows host, port and name of a database URL, and nothing else', () => {
  expect(describeDatabase('postgresql://user:canary@prod-db.example.com:5433/m3studio')).toEqual({
    host: 'prod-db.example.com',
    port: 5433,
    name: 'm3studio',
  });
});

it('knows the default port, escapes and IPv6', () => {
  const url = 'postgres://us%40er:p%2Fw@[::1]/my%20db?sslmode=verify-full&application_name=x';
  expect(connectionSettings(url)).toEqual({
    host: '::1',
    port: 5432,
    user: 'us@er',
    password: 'p/w',
    database: 'my db',
    ssl: { rejectUnauthorized: true },
  });
});

it.each([
  'mysql://user:canary@host/db',
  'not a url canary',
  'postgresql://user:canary@/db',
  'postgresql://user:canary@host',
  'postgresql://user:canary@host/',
  'postgresql://user:%zzcanary@host/db',
  'postgresql://user:canary@host/db?sslrootcert=/etc/passwd',
  'postgresql://user:canary@host/db?host=/var/run',
  'postgresql://user:canary@host/db?sslmode=prefer',
])('refuses %s without repeating it', (url) => {
  const described = () => connectionSettings(url);
  expect(described).toThrow(TargetUnreachableError);
  expect(described).toThrow(expect.objectContaining({ what: 'database', code: 'invalid_url' }));
  expect(described).not.toThrow(/canary/);
});
