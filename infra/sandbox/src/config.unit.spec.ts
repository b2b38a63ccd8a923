import { readConfig } from './config.js';

const DATABASE_URL = 'postgresql://user:secret@localhost/target';

test('a database is all it needs', () => {
  expect(readConfig({ DATABASE_URL })).toEqual({ port: 51_000, databaseUrl: DATABASE_URL, faults: {} });
});

test('everything can be set', () => {
  const environment = {
    DATABASE_URL,
    PORT: '0',
    HOST: '::1',
    MARIE_VERSION: '4.0.0',
    GATEWAY_TOKEN: 'mas_1',
    SANDBOX_FAULTS: '{"latency_ms":5}',
  };
  expect(readConfig(environment)).toEqual({
    port: 0,
    host: '::1',
    databaseUrl: DATABASE_URL,
    marieVersion: '4.0.0',
    token: 'mas_1',
    faults: { latency_ms: 5 },
  });
});

test.each([
  [{}, 'DATABASE_URL'],
  [{ DATABASE_URL, PORT: 'high' }, 'PORT'],
  [{ DATABASE_URL, SANDBOX_FAULTS: '{' }, 'SANDBOX_FAULTS'],
  [{ DATABASE_URL, SANDBOX_FAULTS: '{"upside":1}' }, 'upside'],
])('%j is refused, naming %s, and no secret', (environment, named) => {
  expect(() => readConfig(environment)).toThrow(named);
  expect(() => readConfig(environment)).not.toThrow('secret');
});
