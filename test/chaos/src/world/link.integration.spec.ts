import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually } from '@m3/testing';
import { Link } from './link.js';

/** A server that answers each piece with the same in capitals. */
let server: Server;
let url: string;
let link: Link;
let heard: string;
const clients: Socket[] = [];

beforeEach(async () => {
  heard = '';
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard += String(data);
      socket.write(String(data).toUpperCase());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  link = await Link.to(url);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await link.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

/** A client, with all that it has received and whether it was cut off. */
function client() {
  const socket = connect(Number(new URL(link.over(url)).port), '127.0.0.1');
  const seen = { socket, received: '', cut: false };
  clients.push(socket);
  socket.on('data', (data) => (seen.received += String(data)));
  socket.on('error', () => (seen.cut = true));
  socket.on('close', () => (seen.cut = true));
  return seen;
}

async function answered(seen: ReturnType<typeof client>, said: string): Promise<void> {
  seen.socket.write(said);
  await eventually(`the answer to ${said}`, () => seen.received.endsWith(said.toUpperCase()));
}

describe('a way to a server', () => {
  it('leads there under the same URL with another port', async () => {
    expect(link.over(`${url}/path`)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/path$/);
    expect(link.over('postgresql://ann:pass@127.0.0.1:5432/log')).toMatch(
      /^postgresql:\/\/ann:pass@127\.0\.0\.1:\d+\/log$/,
    );
    expect(link.over('nats://127.0.0.1:4222')).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
    await answered(client(), 'hello');
  });

  it('that is cut ends what goes over it, and lets nobody in until it is open again', async () => {
    const before = client();
    await answered(before, 'one');
    link.set({ state: 'cut' });
    await eventually('the connection is cut', () => before.cut);
    const meanwhile = client();
    await eventually('a new one is cut too', () => meanwhile.cut);
    link.set({ state: 'open' });
    await answered(client(), 'two');
  });

  it('that is half open brings requests there and no answers back; who was on it then is told nothing, ever', async () => {
    const before = client();
    await answered(before, 'one');
    link.set({ state: 'half_open' });
    before.socket.write('two');
    await eventually('the request arrives', () => heard === 'onetwo');
    link.set({ state: 'open' });
    await answered(client(), 'three');
    expect(before).toMatchObject({ received: 'ONE', cut: false });
  });

  it('that is slow brings everything, in order, later', async () => {
    const late = client();
    link.set({ state: 'slow', delayMs: 60 });
    const began = performance.now();
    await answered(late, 'one');
    // Sixty milliseconds each way, less what timers may be early.
    expect(performance.now() - began).toBeGreaterThan(115);
    late.socket.write('a');
    link.set({ state: 'open' });
    late.socket.write('b');
    await eventually('both arrive in order', () => heard === 'oneab');
  });
});
