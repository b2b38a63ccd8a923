import { FakeGateway } from '../fake-gateway.spec.js';
import { ApiClient } from './api-client.js';
import { followStream, type StreamPatience, type StreamRequest } from './event-stream.js';
import { createServer } from 'node:http';

const patience: StreamPatience = { silence: 5_000, firstRetry: 5, longestRetry: 20, giveUpAfter: 5_000 };

describe('following a live stream', () => {
  let gateway: FakeGateway;
  let stop: AbortController;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await gateway.stop();
  });

  const api = (): ApiClient => new ApiClient({ url: gateway.url, token: null });

  async function seqsUntil(last: number, request: Partial<StreamRequest> = {}): Promise<number[]> {
    const seqs: number[] = [];
    const stream = followStream(api(), { path: 'stream', from: 0, signal: stop.signal, patience, ...request });
    for await (const item of stream) {
      if (item.kind === 'event') seqs.push(item.event.seq);
      if (seqs.at(-1) === last) return seqs;
    }
    return seqs;
  }

  const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

  it('loses nothing and repeats nothing when the connection is cut again and again', async () => {
    const publish = gateway.addPublish();
    gateway.cutAfterBytes = 1_000;
    for (let count = 0; count < 40; count++) publish.happens('Something', {});
    expect(await seqsUntil(40)).toEqual(oneTo(40));
    expect(gateway.received('GET', 'stream').length).toBeGreaterThan(10);
  });

  it('goes on after the last seq, by Last-Event-ID', async () => {
    const publish = gateway.addPublish();
    for (let count = 0; count < 5; count++) publish.happens('Something', {});
    expect(await seqsUntil(5, { from: 3 })).toEqual([4, 5]);
    expect(gateway.received('GET', 'stream')[0]?.headers['last-event-id']).toBe('3');
  });

  it('goes on after what a heartbeat says has been looked through', async () => {
    const publish = gateway.addPublish();
    publish.happens('Something', {});
    const stream = followStream(api(), { path: 'stream', from: 0, signal: stop.signal, patience });
    const next = async (): Promise<unknown> => (await stream.next()).value;
    expect([await next(), await next()]).toEqual([{ kind: 'connected' }, expect.objectContaining({ kind: 'event' })]);
    const reconnected = next();
    gateway.heartbeat(70);
    gateway.cutStreams();
    expect(await reconnected).toMatchObject({ kind: 'lost' });
    expect(await next()).toEqual({ kind: 'connected' });
    expect(gateway.received('GET', 'stream').map(({ headers }) => headers['last-event-id'])).toEqual(['0', '70']);
  });

  it('outlives a restart of the gateway, and says that the connection was lost', async () => {
    const publish = gateway.addPublish();
    publish.happens('Something', {});
    const seen: unknown[] = [];
    const stream = followStream(api(), { path: 'stream', from: 0, signal: stop.signal, patience });
    const next = async (kind: string): Promise<void> => {
      for (let item = await stream.next(); !item.done; item = await stream.next()) {
        seen.push(item.value.kind === 'event' ? item.value.event.seq : item.value.kind);
        if (item.value.kind === kind) return;
      }
    };
    await next('event');
    await gateway.stop();
    await next('lost');
    publish.happens('Something', {});
    await gateway.start();
    await next('event');
    expect(seen.filter((item) => item !== 'lost')).toEqual(['connected', 1, 'connected', 2]);
  });

  it('takes a connection without a sign of life for cut', async () => {
    const publish = gateway.addPublish();
    publish.happens('Something', {});
    const kinds: string[] = [];
    const request = { path: 'stream', from: 0, signal: stop.signal, patience: { ...patience, silence: 50 } };
    for await (const item of followStream(api(), request)) {
      kinds.push(item.kind);
      if (kinds.filter((kind) => kind === 'connected').length === 2) break;
    }
    expect(kinds).toEqual(['connected', 'event', 'lost', 'connected']);
  });

  it('gives up when the gateway stays away', async () => {
    await gateway.stop();
    await expect(seqsUntil(1, { patience: { ...patience, giveUpAfter: 60 } })).rejects.toMatchObject({ exitCode: 4 });
  });

  it('does not insist when it is not allowed', async () => {
    gateway.token = 'another';
    await expect(seqsUntil(1)).rejects.toMatchObject({ exitCode: 3 });
    expect(gateway.requests).toHaveLength(1);
  });

  it('says so when the events are not of the documented form', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"seq":"one"}\n\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const other = new ApiClient({ url: `http://127.0.0.1:${port}`, token: null });
    const stream = followStream(other, { path: 'stream', from: 0, signal: stop.signal, patience });
    await stream.next();
    await expect(stream.next()).rejects.toMatchObject({ code: 'unexpected_reply', exitCode: 4 });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
