import { connect as dial, createServer, type AddressInfo, type Socket } from 'node:net';
import { eventually, startTestNats } from '@m3/testing';
import { connect } from '@nats-io/transport-node';
import { lastingConnection } from './lasting-connection.js';

/** A way to a server, whose connections go half open on demand: what the client sends gets through, and no answer. */
async function wayTo(port: number) {
  const open = new Set<Socket>();
  const silenced = new Set<Socket>();
  const way = createServer((near) => {
    const far = dial(port, '127.0.0.1');
    open.add(near);
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => silenced.has(near) || near.write(data));
    for (const socket of [near, far])
      socket.on('error', () => undefined).on('close', () => [near, far].forEach((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  return {
    url: `nats://127.0.0.1:${(way.address() as AddressInfo).port}`,
    silence: () => open.forEach((each) => silenced.add(each)),
    close: () => {
      open.forEach((each) => each.destroy());
      return new Promise((resolve) => way.close(resolve));
    },
  };
}

it('a client whose connection has gone half open connects anew by itself', async () => {
  const server = await startTestNats();
  const way = await wayTo(server.port);
  const lasting = lastingConnection({ reconnectEveryMs: 50, pingEveryMs: 200 });
  const connection = await connect({ servers: way.url, ...lasting });
  try {
    await connection.rtt();
    way.silence();
    await eventually('the client is back', () => connection.rtt().then(() => true));
  } finally {
    await connection.close();
    await way.close();
    await server.stop();
  }
});
