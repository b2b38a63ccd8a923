import { eventually, startTestNats } from '@m3/testing';
import { connect } from '@nats-io/transport-node';
import { reconnectPace } from './reconnect-pace.js';

const hour = 3_600_000;
const realNow = Date.now.bind(Date);

afterEach(() => {
  Date.now = realNow;
});

it.each([
  ['set back', -hour],
  ['set forward', hour],
])(
  'a client whose clock was %s is back on the bus as soon as that is back',
  async (_how, offset) => {
    const server = await startTestNats();
    const reconnectDelayHandler = reconnectPace(50);
    const connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectDelayHandler });
    try {
      Date.now = () => realNow() + offset;
      await server.stop();
      const again = await startTestNats({ port: server.port });
      await eventually('the client is back', () => connection.rtt().then(() => true), { timeoutMs: 20_000 });
      await again.stop();
    } finally {
      await connection.close();
      await server.stop();
    }
  },
  60_000,
);

it('tries no more often than it is told to while nobody answers', () => {
  const pace = reconnectPace(3_600_000);
  expect([pace(), pace(), pace()]).toEqual([-Infinity, 3_600_000, 3_600_000]);
});
