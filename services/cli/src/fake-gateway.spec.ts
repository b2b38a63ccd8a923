import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { newId, PublishDetail, type LogEvent, type ProblemReply, type PublishLogs } from '@m3/contracts';
import type { TSchema } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';

/** A real HTTP server that answers as the gateway does; replies are checked against the contract. */

const ajv = new Ajv({ strict: false });
ajvFormats.default(ajv);

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface FakeReply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Handler = (request: ReceivedRequest) => FakeReply | Promise<FakeReply>;

/** An accepted reply, which has to be as the contract says. */
export function ok(schema: TSchema, body: unknown, status = 200): FakeReply {
  if (!ajv.validate(schema, body)) throw new Error(`the test breaks the contract: ${ajv.errorsText()}`);
  return { status, body };
}

export function problem(status: number, code: string, more: Partial<ProblemReply> = {}): FakeReply {
  return { status, body: { type: `urn:m3:${code}`, title: code, status, code, detail: `refused: ${code}`, ...more } };
}

export class FakeGateway {
  readonly requests: ReceivedRequest[] = [];
  readonly publishes = new Map<string, FakePublish>();
  token: string | null = null;
  /** Cuts every stream after so many bytes. */
  cutAfterBytes = Infinity;
  private readonly handlers = new Map<string, Handler>();
  private readonly sockets = new Set<Socket>();
  private readonly streams = new Set<{ response: ServerResponse; path: string; sent: number }>();
  private server: Server | null = null;
  private port = 0;
  private seq = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => void this.answer(request, response));
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    const address: AddressInfo | string | null = server.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
    this.server = server;
    return this;
  }

  /** Away at once, as after kill -9; `start` brings it back at the same address. */
  async stop(): Promise<void> {
    const server = this.server;
    this.server = null;
    this.streams.clear();
    for (const socket of this.sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  on(method: 'GET' | 'POST', path: string, handler: Handler): this {
    this.handlers.set(`${method} /api/v1/${path}`, handler);
    return this;
  }

  received(method: string, path: string): ReceivedRequest[] {
    return this.requests.filter((request) => request.method === method && request.path === `/api/v1/${path}`);
  }

  addPublish(changes: Partial<PublishDetail> = {}): FakePublish {
    const publish = new FakePublish(this, changes);
    this.publishes.set(publish.id, publish);
    return publish;
  }

  nextSeq(): number {
    return ++this.seq;
  }

  get openStreams(): number {
    return this.streams.size;
  }

  /** Ends every stream after what was sent has gone out. */
  cutStreams(): void {
    for (const { response } of this.streams) response.write('', () => void response.destroy());
  }

  /** Says that the log has been looked through up to `seq`, without an event for the reader. */
  heartbeat(seq: number): void {
    for (const { response } of this.streams) response.write(`:\nid: ${seq}\n\n`);
  }

  /** Sends to all who follow the publish, or everything. */
  broadcast(publishId: string, event: LogEvent): void {
    for (const stream of this.streams) {
      if (stream.path.endsWith('/v1/stream') || stream.path.includes(publishId)) this.send(stream, event);
    }
  }

  private send(stream: { response: ServerResponse; sent: number }, event: LogEvent): void {
    const text = `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    const room = this.cutAfterBytes - stream.sent;
    stream.sent += text.length;
    if (room >= text.length) stream.response.write(text);
    else stream.response.write(text.slice(0, Math.max(room, 0)), () => void stream.response.destroy());
  }

  private async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', this.url);
    const request: ReceivedRequest = {
      method: message.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      headers: message.headers,
      body: await bodyOf(message),
    };
    this.requests.push(request);
    if (this.token !== null && message.headers.authorization !== `Bearer ${this.token}`) {
      write(response, problem(401, 'unauthenticated'));
    } else if (request.path.endsWith('/stream')) {
      this.stream(request, response);
    } else {
      const handler = this.handlers.get(`${request.method} ${request.path}`);
      write(response, handler ? await handler(request) : this.publishReply(request.path));
    }
  }

  private publishReply(path: string): FakeReply {
    const [, id, part] = /^\/api\/v1\/publishes\/([^/]+)(?:\/(logs|events))?$/.exec(path) ?? [];
    const publish = id === undefined ? undefined : this.publishes.get(id);
    if (!publish) return problem(404, 'unknown_publish');
    if (part === 'events') return { status: 200, body: { items: publish.events } };
    if (part === 'logs') return { status: 200, body: { publish_id: id, lines: publish.visible().lines } };
    return ok(PublishDetail, publish.visible().detail);
  }

  private stream(request: ReceivedRequest, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    const stream = { response, path: request.path, sent: 0 };
    this.streams.add(stream);
    response.on('close', () => this.streams.delete(stream));
    const from = Number(request.headers['last-event-id'] ?? '0');
    const all = [...this.publishes.values()].filter(
      ({ id }) => request.path.endsWith('v1/stream') || request.path.includes(id),
    );
    for (const event of all.flatMap(({ events }) => events).sort((a, b) => a.seq - b.seq)) {
      if (event.seq > from && !response.destroyed) this.send(stream, event);
    }
  }
}

interface Picture {
  readonly detail: PublishDetail;
  readonly lines: PublishLogs['lines'];
}

/** A publish whose steps the test moves on. What the lists show may lag behind its events. */
export class FakePublish {
  readonly id: string;
  readonly events: LogEvent[] = [];
  /** How many questions about the publish are still answered with the picture before. */
  lag = 0;
  private picture: Picture;
  private before: Picture;

  constructor(
    private readonly gateway: FakeGateway,
    changes: Partial<PublishDetail>,
  ) {
    const detail = publishDetail(changes);
    this.id = detail.publish_id;
    this.picture = { detail, lines: [] };
    this.before = this.picture;
  }

  visible(): Picture {
    if (this.lag === 0) return this.picture;
    this.lag--;
    return this.before;
  }

  happens(type: string, changes: Partial<PublishDetail>, line?: string): LogEvent {
    const seq = this.gateway.nextSeq();
    const event = logEvent(seq, type, this.id);
    this.events.push(event);
    this.before = this.picture;
    const { detail, lines } = this.picture;
    const entry = {
      at,
      level: 'info',
      text: line ?? '',
      step: 'validating',
      line: `[2026-03-19 14:23:45] ${line ?? ''}`,
    } as const;
    this.picture = {
      detail: { ...detail, ...changes, as_of_seq: seq },
      lines: line === undefined ? lines : [...lines, entry],
    };
    this.gateway.broadcast(this.id, event);
    return event;
  }
}

export const at = '2026-03-19T14:23:45.000Z';
const steps = [
  'validating',
  'gating',
  'awaiting_approval',
  'backing_up',
  'deploying',
  'activating',
  'verifying',
  'notifying',
] as const;

/** The eight steps: those before `current` have passed, those after it wait. */
export function stepsAt(
  current: (typeof steps)[number] | 'end',
  state: 'running' | 'failed' = 'running',
): PublishDetail['steps'] {
  const now = current === 'end' ? steps.length : steps.indexOf(current);
  const waits = { started_at: null, ended_at: null, duration_ms: null, deadline_at: null, detail: null };
  return steps.map((step, index) => {
    if (index > now) return { ...waits, step, status: 'pending' };
    if (index === now)
      return { ...waits, step, status: state, started_at: at, ended_at: state === 'failed' ? at : null };
    return { ...waits, step, status: 'passed', started_at: at, ended_at: at, duration_ms: 412, detail: 'all well' };
  });
}

/** A share of the traffic that is watched. */
export const watchedShare: NonNullable<PublishDetail['traffic']> = {
  ...{ strategy: 'canary', version: 'v1.3.0', from_version: 'v1.2.0', step: 1, steps: 2, weight: 10 },
  ...{ state: 'watching', since: at, watch_until: at, judged: null },
};

export function publishDetail(changes: Partial<PublishDetail> = {}): PublishDetail {
  const fresh: PublishDetail = {
    publish_id: newId('publish'),
    project: 'invoice-pipeline',
    version: 'v1.3.0',
    target_id: newId('target'),
    target_name: 'staging',
    environment: 'staging',
    status: 'requested',
    trigger: 'manual',
    requested_by: 'ann',
    requested_at: at,
    ended_at: null,
    duration_ms: null,
    outcome_reason: null,
    start_delay: null,
    ...{ overdue_since: null, retry_of: null, retried_by: null },
    overrides: [],
    bundle_digest: `sha256:${'a'.repeat(64)}`,
    tagged_by: 'ann',
    reason: null,
    allow_older: false,
    previous_version: 'v1.2.0',
    steps: stepsAt('validating'),
    validation: null,
    gates: null,
    verification: null,
    approval: null,
    void_approvals: [],
    approval_proof: null,
    backup: null,
    ...{ rollback: null, traffic: null },
    notifications: [],
    failure: null,
    cancel_requested_by: null,
    links: {},
    as_of_seq: 0,
  };
  return { ...fresh, ...changes };
}

export function logEvent(seq: number, type: string, publishId: string): LogEvent {
  return {
    seq,
    position: seq,
    event_id: `event-${seq}`,
    type,
    schema_version: 1,
    stream: `publish-${publishId}`,
    stream_version: seq,
    category: 'publish',
    data: { publish_id: publishId },
    actor: { kind: 'user', id: 'ann' },
    correlation_id: 'c',
    causation_id: null,
    traceparent: null,
    occurred_at: at,
    recorded_at: at,
  };
}

async function bodyOf(message: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const piece of message) text += String(piece);
  return text === '' ? undefined : JSON.parse(text);
}

function write(response: ServerResponse, { status, body, headers }: FakeReply): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response
    .writeHead(status, { 'content-type': type, ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
}
