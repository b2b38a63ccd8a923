import 'reflect-metadata';
import {
  EventRegistry,
  eventCatalogue,
  type CommandName,
  type CommandPayload,
  type CommandReply,
  type Role,
} from '@m3/contracts';
import { createPool, PostgresEventStore, Sealer } from '@m3/event-store';
import { createTestDatabase, eventually, type DatabaseTemplate, type TestDatabase } from '@m3/testing';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { CryptoKey } from 'jose';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Pool } from 'pg';
import { CommandSender } from '../commands/command-sender.js';
import { GatewayModule, prepareHttp } from '../gateway.module.js';
import { RateLimit } from '../sign-in/rate-limit.js';
import { TokenVerifier } from '../sign-in/token-verifier.js';
import type { StoryEvent } from './stories.js';

/** A gateway on a database of its own, called by real HTTP, with owners that answer what the test wants. */

export interface Sent {
  readonly name: CommandName;
  readonly payload: object & { readonly command_id: string };
}

/** Stands for all owners of decisions. */
export class FakeOwners extends CommandSender {
  readonly sent: Sent[] = [];
  /** Whose roles the gateway told of, which it does by itself. */
  readonly seen: CommandPayload<'approvals.see'>['caller'][] = [];
  private readonly answers = new Map<CommandName, () => unknown>();

  /** What the owner answers from now on; a function that throws stands for one that is not there. */
  answer(name: CommandName, reply: () => unknown): void {
    this.answers.set(name, reply);
  }

  override async send<Name extends CommandName>(
    name: Name,
    payload: CommandPayload<Name>,
  ): Promise<CommandReply<Name>> {
    if (name === 'approvals.see') {
      this.seen.push(payload.caller);
      return { ok: false, problem: { ...noProblem } };
    }
    this.sent.push({ name, payload });
    const reply = this.answers.get(name);
    if (reply === undefined) throw new Error(`the test gave no answer to ${name}`);
    return reply() as CommandReply<Name>;
  }
}

const noProblem = { type: 'about:blank', title: 'nobody listens', status: 409, code: 'not_found', detail: '' };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: Record<string, unknown> & { readonly items?: readonly Record<string, unknown>[] };
}

export interface Call {
  readonly method?: string;
  readonly roles?: readonly Role[];
  readonly sub?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface GatewayUnderTest {
  readonly url: string;
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly store: PostgresEventStore;
  readonly owners: FakeOwners;
  readonly signingKey: CryptoKey;
  readonly faults: object[];
  /** What the gateway takes for the time from now on; undefined: the real one. */
  setClock(time?: string): void;
  token(sub: string, roles: readonly Role[]): Promise<string>;
  /** Calls the API, as an admin unless said otherwise. */
  call(path: string, call?: Call): Promise<Answer>;
  append(...events: readonly StoryEvent[]): Promise<void>;
  /** Waits until all that was appended is projected. */
  projected(): Promise<void>;
  stop(): Promise<void>;
}

export const testIssuer = { issuer: 'urn:test:issuer', audience: 'm3-publish', kid: 'test' };

/** A gateway for all tests of a file: the answer is there in tests and hooks. */
export function useGateway(template: DatabaseTemplate): () => GatewayUnderTest {
  let database: TestDatabase | undefined;
  let gateway: GatewayUnderTest | undefined;
  beforeAll(async () => {
    database = await createTestDatabase(template);
    gateway = await startGateway(database.url);
  });
  afterAll(async () => {
    await gateway?.stop();
    await database?.drop();
  });
  return () => {
    if (gateway === undefined) throw new Error('the gateway is there in tests and hooks');
    return gateway;
  };
}

export async function startGateway(
  databaseUrl: string,
  limit = { perSecond: 10_000, burst: 10_000 },
): Promise<GatewayUnderTest> {
  const pool = createPool({ connectionString: databaseUrl, applicationName: 'gateway-under-test' });
  const store = new PostgresEventStore(pool, new EventRegistry(eventCatalogue));
  const sealer = new Sealer({ connectionString: databaseUrl });
  sealer.start();
  const owners = new FakeOwners();
  const faults: object[] = [];
  let time: string | undefined;
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), alg: 'EdDSA', kid: testIssuer.kid }] });
  const parts = {
    ...{ pool, store, sender: owners },
    tokens: async () => new TokenVerifier({ ...testIssuer, keys }),
    limit: new RateLimit(limit),
    clock: () => (time === undefined ? new Date() : new Date(time)),
    log: { error: (details: object) => void faults.push(details) },
  };
  const app = await NestFactory.create<NestExpressApplication>(GatewayModule.of(parts), {
    bodyParser: false,
    logger: false,
  });
  prepareHttp(app);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const token = (sub: string, roles: readonly Role[]) => signedToken(privateKey, { sub, roles });
  return {
    ...{ url, databaseUrl, pool, store, owners, faults, token, signingKey: privateKey },
    call: async (path, call = {}) =>
      request(`${url}${path}`, call, await token(call.sub ?? 'ann', call.roles ?? ['admin'])),
    setClock: (to) => void (time = to),
    append: (...events) => append(store, events),
    projected: () => projected(pool, store),
    stop: async () => {
      await app.close();
      await sealer.stop();
      await pool.end();
    },
  };
}

export async function signedToken(
  key: CryptoKey,
  claims: { readonly sub: string; readonly roles: readonly Role[] },
): Promise<string> {
  return new SignJWT({ roles: [...claims.roles] })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: testIssuer.kid })
    .setIssuer(testIssuer.issuer)
    .setAudience(testIssuer.audience)
    .setSubject(claims.sub)
    .setExpirationTime('5 minutes')
    .sign(key);
}

async function request(url: string, call: Call, token: string): Promise<Answer> {
  const body = typeof call.body === 'string' ? call.body : JSON.stringify(call.body);
  const type = call.body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, {
    method: call.method ?? 'GET',
    headers: { authorization: `Bearer ${token}`, ...type, ...call.headers },
    ...(call.body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = /application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  const json = isJson ? (JSON.parse(text) as Answer['json']) : {};
  return { status: response.status, headers: response.headers, text, json };
}

async function append(store: PostgresEventStore, events: readonly StoryEvent[]): Promise<void> {
  const versions = new Map<string, number>();
  for (const { stream, type, data } of events) {
    const expectedVersion = versions.get(stream) ?? (await store.readStream(stream)).length;
    const result = await store.append([{ stream, expectedVersion, events: [{ type, data }] }], {
      actor: { kind: 'user', id: 'ann' },
      correlationId: 'c1',
      causationId: null,
      occurredAt: new Date().toISOString(),
    });
    if (result.outcome === 'conflict') throw new Error(`conflict on ${stream}`);
    versions.set(stream, expectedVersion + 1);
  }
}

async function projected(pool: Pool, store: PostgresEventStore): Promise<void> {
  const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM event_store.event');
  const appended = Number(rows[0]?.count);
  await eventually('all events are sealed', () => store.lastSeq(), { until: (seq) => seq >= appended });
  await eventually('all events are projected', async () => {
    const checkpoint = await pool.query<{ seq: string }>('SELECT seq FROM read.checkpoint');
    return Number(checkpoint.rows[0]?.seq) >= appended;
  });
}
