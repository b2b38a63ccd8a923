import { connect } from '@nats-io/transport-node';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './file-lock.js';
import { findNatsServer, startNats, waitForPort, type NatsOptions, type NatsServer } from './index.js';

let dataDir: string;
const servers: NatsServer[] = [];

async function start(options: Partial<NatsOptions> = {}): Promise<NatsServer> {
  const server = await startNats({ dataDir, ...options });
  servers.push(server);
  return server;
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nats-spec-'));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(dataDir, { recursive: true, force: true });
});

describe('startNats', () => {
  it('serves JetStream and messages of up to 8 MB', async () => {
    const { url } = await start();
    const connection = await connect({ servers: url });

    expect(connection.info).toMatchObject({ jetstream: true, max_payload: 8 * 1024 * 1024 });
    await connection.close();
  });

  it('keeps streams over a crash', async () => {
    const first = await start();
    const before = await connect({ servers: first.url });
    await before.request('$JS.API.STREAM.CREATE.NOTES', JSON.stringify({ name: 'NOTES', subjects: ['notes'] }));
    await before.request('notes', 'one');
    await before.close();
    await first.kill();
    expect(isAlive(first.pid)).toBe(false);

    const second = await start({ port: first.port });
    const after = await connect({ servers: second.url });
    const info = await after.request('$JS.API.STREAM.INFO.NOTES');

    expect(info.json()).toMatchObject({ state: { messages: 1 } });
    await after.close();
  });

  it('lets only the named users in, each with its own subjects', async () => {
    const { url } = await start({
      users: [{ user: 'gates', password: 'secret', publish: ['evt.gaterun.>'], subscribe: ['_INBOX_gates.>'] }],
    });

    await expect(connect({ servers: url, reconnect: false })).rejects.toThrow(/Authorization/i);
    const gates = await connect({ servers: url, user: 'gates', pass: 'secret' });
    const refusal = (async () => {
      for await (const status of gates.status()) if (status.type === 'error') return status.error.message;
      return 'none';
    })();
    gates.publish('evt.publish.PublishSucceeded.pub_1');
    expect(await refusal).toMatch(/permissions violation/i);
    await gates.close();
  });

  it('names the port that is in use', async () => {
    const { port } = await start();

    await expect(start({ port, dataDir: join(dataDir, 'other') })).rejects.toMatchObject({ code: 'port_in_use' });
  });

  it('tells what the server said when it cannot start', async () => {
    await expect(start({ users: [{ user: '', password: 'x' }] })).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringContaining('NATS did not start'),
    });
  });

  it('answers on its port until it is stopped', async () => {
    const server = await start();
    await waitForPort(server.port);
    await server.stop();

    await expect(waitForPort(server.port, { timeoutMs: 50 })).rejects.toThrow(`Nothing listens on port ${server.port}`);
  });
});

describe('findNatsServer', () => {
  const { PATH, XDG_CACHE_HOME } = process.env;

  afterEach(() => {
    Object.assign(process.env, { PATH });
    if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME;
  });

  it('takes the first one on the PATH', async () => {
    await symlink(await findNatsServer(), join(dataDir, 'nats-server'));
    process.env['PATH'] = `${dataDir}:${PATH}`;

    expect(await findNatsServer()).toBe(join(dataDir, 'nats-server'));
  });
});
