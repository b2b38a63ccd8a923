import { randomBytes } from 'node:crypto';
import type { Role, TargetDocument } from '@m3/contracts';
import { prepareDatabase, roleOf } from '@m3/database';
import { temporaryFolder } from '@m3/local-servers';
import { createTestBucket, createTestDatabase, testRun } from '@m3/testing';
import pg from 'pg';
import { ApiClient } from './api-client.js';
import { newSecrets, rolePassword, type StackSecrets } from './secrets.js';
import type { GivenServers, Stack, StackOptions } from './stack.js';
import { startStack } from './stack-start.js';
import { startWebhookReceiver, type ReceivedWebhook } from './webhook-receiver.js';

export interface TestStackOptions extends Pick<StackOptions, 'serviceEnv' | 'listener' | 'ports'> {
  /** One target can be in each; all are on one sandbox gateway. */
  readonly schemas: readonly string[];
  /** Servers of the test's own, which it may stop and kill; else PostgreSQL and S3 are those of the run. NATS is always its own. */
  readonly own?: readonly ('postgres' | 's3')[];
  /** What the receiver of webhooks answers; default 204. */
  readonly answerWebhook?: (webhook: ReceivedWebhook) => number;
}

/** A stack of a test's own on throw-away servers. */
export interface TestStack extends Stack {
  /** What the notifier sent, in order. */
  readonly webhooks: readonly ReceivedWebhook[];
  /** The API as a person with these roles sees it; default: ann, an admin. */
  api(name?: string, roles?: readonly Role[]): Promise<ApiClient>;
  /** The document of a target in one of the schemas, named like it; publishes every tag unless `changes` say otherwise. */
  target(schema: string, changes?: Partial<TargetDocument>): TargetDocument;
}

const SANDBOX = 'sandbox';
/** Roles belong to a whole server: all stacks on the server of the run have to agree on their passwords. */
const secrets = (): StackSecrets => ({ ...newSecrets(), rolePasswordSeed: 'the same in all tests of a run' });

/** Starts a stack for tests of the projects "integration" and "e2e". The services run from `dist`. */
export async function startTestStack(options: TestStackOptions): Promise<TestStack> {
  const { schemas, own = [], answerWebhook, ...rest } = options;
  const stackSecrets = secrets();
  const database = `test_${randomBytes(6).toString('hex')}_sandbox`;
  const { servers, drop } = await sharedServers(own, stackSecrets, database);
  const receiver = await startWebhookReceiver({
    ...{ name: 'test', secret: stackSecrets.webhookSecret },
    ...(answerWebhook === undefined ? {} : { answer: answerWebhook }),
  });
  const close = async () => {
    await receiver.close();
    await drop();
  };
  try {
    const stack = await startStack({
      ...{ ...rest, servers, secrets: stackSecrets, durability: 'throw_away', webhooks: [receiver.channel] },
      home: await temporaryFolder('m3-stack'),
      sandboxes: [{ name: SANDBOX, database, schemas }],
    });
    return testStack(stack, receiver.received, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function testStack(stack: Stack, webhooks: readonly ReceivedWebhook[], close: () => Promise<void>): TestStack {
  return {
    ...stack,
    webhooks,
    api: async (name = 'ann', roles = ['admin']) =>
      new ApiClient(stack.services.gateway.url, await stack.issuer.token({ sub: name, roles })),
    target: (schema, changes = {}) => ({ ...documentOf(stack, schema), ...changes }),
    stop: async () => {
      await stack.stop();
      await close();
    },
  };
}

function documentOf({ sandboxes }: Stack, schema: string): TargetDocument {
  const sandbox = sandboxes.get(SANDBOX);
  if (sandbox === undefined) throw new Error('the stack has no sandbox');
  return {
    ...{ name: schema, environment: 'test', type: 'auto_deploy', schema },
    ...{ gateway_id: SANDBOX, gateway_url: sandbox.gateway.url, database_url: sandbox.databaseUrl },
  };
}

/** Databases and a bucket on the servers of the run, and how they are removed. */
async function sharedServers(
  own: readonly ('postgres' | 's3')[],
  { rolePasswordSeed }: StackSecrets,
  sandboxDatabase: string,
): Promise<{ readonly servers: GivenServers; readonly drop: () => Promise<void> }> {
  const s3 = own.includes('s3') ? {} : { s3: await createTestBucket() };
  if (own.includes('postgres')) return { servers: s3, drop: () => Promise.resolve() };
  const password = (service: Parameters<typeof roleOf>[0]) => rolePassword({ rolePasswordSeed }, roleOf(service));
  const prepare = async (url: string) => {
    await prepareDatabase(url, password);
  };
  const product = await createTestDatabase({ name: 'local_stack', prepare });
  const drop = async () => {
    await dropSandboxDatabase(sandboxDatabase);
    await product.drop();
  };
  return { servers: { ...s3, postgres: { adminUrl: product.url } }, drop };
}

async function dropSandboxDatabase(name: string): Promise<void> {
  const client = new pg.Client({ connectionString: testRun().postgresUrl });
  await client.connect();
  try {
    const quoted = client.escapeIdentifier(name);
    await client.query(`DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`);
    await client.query(`DROP ROLE IF EXISTS ${quoted}`);
  } finally {
    await client.end();
  }
}
