import { connect, type Socket } from 'node:net';
import { prepareDatabase } from '@m3/database';
import { eventually } from '@m3/testing';
import { startGateway, useGateway } from '../testing/gateway-under-test.js';
import { idOf, publishUpTo, told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});

interface Reader {
  readonly seqs: number[];
  readonly events: { seq: number; type: string; stream: string }[];
  close(): void;
  readonly ended: Promise<void>;
}

/** Reads a stream as a browser would. */
async function follow(path: string, from?: number, gateway = use()): Promise<Reader> {
  const cut = new AbortController();
  const headers = { authorization: `Bearer ${await gateway.token('ann', ['viewer'])}` };
  const response = await fetch(`${gateway.url}/api/v1${path}`, {
    headers: from === undefined ? headers : { ...headers, 'last-event-id': String(from) },
    signal: cut.signal,
  });
  if (!response.ok || response.body === null) throw new Error(await response.text());
  const reader: Omit<Reader, 'ended'> = { seqs: [], events: [], close: () => cut.abort() };
  return { ...reader, ended: read(response.body, reader).catch(() => undefined) };
}

async function read(body: ReadableStream<Uint8Array>, into: Omit<Reader, 'ended'>): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true });
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const data = /^data: (.*)$/m.exec(message)?.[1];
      if (data === undefined) continue;
      into.seqs.push(Number(/^id: (\d+)$/m.exec(message)?.[1]));
      into.events.push(JSON.parse(data));
    }
  }
}

/** A connection that asks for a stream and then leaves what comes in the socket's buffers. */
async function stalledReader(path: string): Promise<{ socket: Socket; received: () => string }> {
  const { port, hostname } = new URL(use().url);
  const token = await use().token('ann', ['viewer']);
  let text = '';
  const socket = connect(Number(port), hostname);
  socket.on('data', (data) => (text += data.toString()));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await eventually('the stream begins', () => text.includes('text/event-stream'));
  socket.pause();
  return { socket, received: () => text.replaceAll(/\r\n[0-9a-f]+\r\n/g, '') };
}

const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index + 1);

it('everything: neither loss nor repeats, cut and resumed again and again while others append', async () => {
  const start = await use().store.lastSeq();
  const stories = Array.from({ length: 8 }, (_, index) => 100 + index);
  const appending = Promise.all(
    stories.map((story) =>
      use().append(...publishUpTo(story, 'requested').slice(1), ...publishUpTo(story, 'succeeded').slice(2)),
    ),
  );
  const seen: number[] = [];
  const appended = { all: false };
  const finished = appending.then(() => (appended.all = true));
  for (let cuts = 0; cuts < 15 || !appended.all; cuts += 1) {
    const reader = await follow('/stream', seen.at(-1) ?? start);
    await eventually('some events', () => reader.seqs.length >= 3 || appended.all);
    reader.close();
    await reader.ended;
    seen.push(...reader.seqs);
  }
  await finished;
  await use().projected();
  const last = await follow('/stream', seen.at(-1) ?? start);
  const end = await use().store.lastSeq();
  await eventually('the end of the log', () => (last.seqs.at(-1) ?? seen.at(-1) ?? 0) >= end);
  last.close();
  await last.ended;
  expect([...seen, ...last.seqs]).toEqual(upTo(start, end));
});

it('everything, from now on', async () => {
  await use().projected();
  const start = await use().store.lastSeq();
  const reader = await follow('/stream');
  await use().append(told(200, 'TargetCreated'));
  await eventually('the event', () => reader.seqs.length > 0);
  reader.close();
  expect(reader.seqs).toEqual([start + 1]);
});

it('one publish: from its beginning, and on while it goes on, without those of others', async () => {
  const publish = idOf('publish', 300);
  const [, requested, ...rest] = publishUpTo(300, 'succeeded');
  const others = publishUpTo(301, 'succeeded').slice(1);
  if (requested === undefined) throw new Error('no request');
  await use().append(requested, ...rest.slice(0, 6));
  await use().projected();
  const reader = await follow(`/publishes/${publish}/stream`);
  await Promise.all([use().append(...rest.slice(6)), use().append(...others)]);
  await eventually('its end', () => reader.events.at(-1)?.type === 'PublishSucceeded');
  reader.close();
  const { json } = await use().call(`/api/v1/publishes/${publish}/events`);
  expect(reader.seqs).toEqual(json.items?.map(({ seq }) => seq));
  expect(reader.seqs).toHaveLength(rest.length + 1);
  const half = reader.seqs[7] ?? 0;
  const resumed = await follow(`/publishes/${publish}/stream`, half);
  await eventually('the rest', () => resumed.seqs.at(-1) === reader.seqs.at(-1));
  resumed.close();
  expect(resumed.seqs).toEqual(reader.seqs.slice(8));
});

it('one target: its own events and those of publishes to it', async () => {
  const start = await use().store.lastSeq();
  await use().append(told(400, 'TargetCreated'), told(401, 'TargetCreated'));
  await use().append(...publishUpTo(400, 'succeeded').slice(1), ...publishUpTo(401, 'succeeded').slice(1));
  await use().projected();
  const reader = await follow(`/stream?target=${idOf('target', 400)}`, start);
  await eventually('the end', () => reader.events.at(-1)?.type === 'PublishSucceeded');
  reader.close();
  expect(reader.events).toHaveLength(publishUpTo(400, 'succeeded').length);
  expect(reader.events.every(({ stream }) => stream.endsWith('400'))).toBe(true);
});

it('open streams end when the gateway stops, which they do not hold up', async () => {
  const stopping = await startGateway(use().databaseUrl);
  const reader = await follow('/stream', 0, stopping);
  await eventually('events', () => reader.seqs.length > 0);
  await stopping.stop();
  await reader.ended;
});

it('a reader that takes nothing costs no memory, and gets everything when it reads again', async () => {
  const { socket, received } = await stalledReader('/api/v1/stream?from=0');
  const padding = 'x'.repeat(200_000);
  for (let n = 0; n < 40; n += 1)
    await use().append(
      told(500, 'TargetHeld', { reason: 'r' }),
      told(500 + n, 'NotificationAttempted', { payload: { padding } }),
    );
  await use().projected();
  const end = await use().store.lastSeq();
  socket.resume();
  await eventually(
    'the end of the log',
    () => received().includes(`\nid: ${end}\n`) || received().includes(`id: ${end}\nevent`),
  );
  socket.destroy();
  const seqs = [...received().matchAll(/^id: (\d+)\nevent/gm)].map(([, seq]) => Number(seq));
  expect(seqs).toEqual(upTo(0, end));
});

it.each([
  ['from=99999999', {}, 'position_ahead_of_log'],
  ['', { 'last-event-id': 'abc' }, 'invalid_query'],
  ['from=-1', {}, 'invalid_query'],
])('a place %s %j that cannot be is refused', async (query, headers, code) => {
  expect((await use().call(`/api/v1/stream?${query}`, { headers })).json).toMatchObject({ status: 400, code });
});
