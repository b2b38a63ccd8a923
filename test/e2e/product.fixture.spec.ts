import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Role, TargetDocument } from '@m3/contracts';
import {
  newSecrets,
  startStack,
  startWebhookReceiver,
  type Sandbox,
  type Stack,
  type StackOptions,
  type WebhookReceiver,
} from '@m3/local';
import { temporaryFolder } from '@m3/local-servers';
import { TargetEnvironments, type TargetEnvironment } from '@m3/target-environment';
import { eventually } from '@m3/testing';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Static, TSchema } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { EventLog } from './event-log.fixture.spec.js';
import { tagMessage, type Tag } from './releases.fixture.spec.js';
import { TargetDatabases } from './target-state.fixture.spec.js';

/** The whole product for a spec file: seven services as processes, their servers, and one sandbox with several targets. */

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; null when it is none. */
  readonly json: unknown;
}

export interface Call {
  readonly body?: unknown;
  readonly as?: string;
  readonly roles?: readonly Role[];
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ProductPlan {
  /** One for each target. */
  readonly schemas: readonly string[];
  /** `safe`: the database keeps what it has answered when it is killed. Default `throw_away`, which is faster. */
  readonly durability?: 'safe' | 'throw_away';
  /** Settings of services beside those that they always get; asked for when the stack starts. */
  readonly serviceEnv?: () => NonNullable<StackOptions['serviceEnv']>;
}

const SANDBOX = 'e2e';
const ajv = ajvFormats.default(new Ajv({ strict: false }));

export class Product {
  readonly stack: Stack;
  readonly log: EventLog;
  readonly targets: TargetDatabases;
  /** All that the API has answered. */
  readonly replies: string[] = [];
  private readonly environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });

  private constructor(
    stack: Stack,
    /** Takes the product's notifications. */
    readonly webhook: WebhookReceiver,
  ) {
    this.stack = stack;
    this.log = new EventLog(stack.servers.postgres.adminUrl);
    this.targets = new TargetDatabases(sandboxOf(stack).databaseUrl);
  }

  static async start({ schemas, durability = 'throw_away', serviceEnv }: ProductPlan): Promise<Product> {
    const secrets = newSecrets();
    const webhook = await startWebhookReceiver({ name: 'releases', secret: secrets.webhookSecret });
    const stack = await startStack({
      home: await temporaryFolder('m3-e2e'),
      sandboxes: [{ name: SANDBOX, schemas }],
      secrets,
      webhooks: [webhook.channel],
      ...{ durability, serviceEnv: serviceEnv?.() ?? {} },
    });
    return new Product(stack, webhook);
  }

  async stop(): Promise<void> {
    await Promise.all([this.log.close(), this.targets.close(), this.environments.close(), this.webhook.close()]);
    await this.stack.stop();
    await rm(this.stack.home, { recursive: true, force: true });
  }

  /** A document of a target in one of the schemas. */
  document(schema: string, more: Partial<TargetDocument> = {}): TargetDocument {
    const { gateway, databaseUrl } = sandboxOf(this.stack);
    return {
      name: `Target ${schema}`,
      environment: 'development',
      type: 'auto_deploy',
      gateway_id: SANDBOX,
      gateway_url: gateway.url,
      database_url: databaseUrl,
      schema,
      ...more,
    };
  }

  /** Makes or changes targets, and answers their ids. */
  async apply(...targets: readonly TargetDocument[]): Promise<readonly string[]> {
    // A machine that is busy may answer too late; the same request again tells what came of it.
    const request = { body: { targets }, headers: { 'idempotency-key': randomUUID() } };
    const { status, text, json } = await eventually('the targets are applied', () => this.call('targets', request), {
      until: (answer) => answer.status !== 504,
    });
    if (status !== 200 || !hasTargets(json)) throw new Error(`targets were refused: ${status} ${text}`);
    const ids = json.targets.map(({ target_id }) => target_id);
    // The read model follows the log: what is asked for by name next has to be in it.
    for (const id of ids) {
      await eventually(`the API shows ${id}`, async () => (await this.call(`targets/${id}`)).status === 200);
    }
    return ids;
  }

  /** The target itself, as the product reaches it. */
  environment(schema: string): TargetEnvironment {
    const { gateway, databaseUrl } = sandboxOf(this.stack);
    const { targetGatewayToken: gatewayToken } = this.stack.secrets;
    return this.environments.open({ gatewayUrl: gateway.url, gatewayToken, databaseUrl, schema });
  }

  /** Sets the fault switches of the targets' gateway; without any, all are off. */
  async faults(switches?: object): Promise<void> {
    const url = `${sandboxOf(this.stack).gateway.url}/sandbox/faults`;
    const answer = await fetch(url, {
      method: switches ? 'POST' : 'DELETE',
      ...(switches ? { body: JSON.stringify(switches), headers: { 'content-type': 'application/json' } } : {}),
    });
    if (!answer.ok) throw new Error(`the sandbox refused the switches: ${await answer.text()}`);
  }

  /** Puts a tag on the bus, as another service does. */
  tag(tag: Tag, messageId?: string): Promise<void> {
    return this.send(JSON.stringify(tagMessage(tag)), messageId);
  }

  /** Puts anything on the bus where tags are expected. */
  async send(payload: string, messageId?: string, subject = 'version.tagged.invoice-pipeline'): Promise<void> {
    const connection = await connect({ servers: this.stack.servers.nats.url, timeout: 5_000 });
    try {
      const options = messageId === undefined ? {} : { msgID: messageId };
      await jetstream(connection).publish(subject, payload, options);
    } finally {
      await connection.close();
    }
  }

  /** Calls the API below `/api/v1/`, by POST when there is a body; as an admin unless said otherwise. */
  async call(path: string, { body, as = 'ann', roles = ['admin'], method, headers }: Call = {}): Promise<Answer> {
    const token = await this.stack.issuer.token({ sub: as, roles });
    const json = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.stack.services.gateway.url}/api/v1/${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : json), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    this.replies.push(text);
    return { status: answer.status, text, json: parsed(text) };
  }

  /** Asks the API until the answer has the shape that the contract says, and is the one that is waited for. */
  async shows<Schema extends TSchema>(
    path: string,
    schema: Schema,
    awaited: (reply: Static<Schema>) => boolean = () => true,
  ): Promise<Static<Schema>> {
    let problem = '';
    const look = async (): Promise<Static<Schema> | null> => {
      const { status, text, json } = await this.call(path);
      if (status === 200 && ajv.validate<Static<Schema>>(schema, json)) return json;
      problem = `${status} ${ajv.errorsText()} ${text.slice(0, 300)}`;
      return null;
    };
    const reply = await eventually(`GET ${path}`, look, { until: (seen) => seen !== null && awaited(seen) });
    if (reply === null) throw new Error(`GET ${path}: ${problem}`);
    return reply;
  }
}

/** The product for all tests of a file. */
export function useProduct(plan: ProductPlan): () => Product {
  let product: Product | undefined;
  beforeAll(async () => {
    product = await Product.start(plan);
  }, 240_000);
  afterAll(async () => {
    await product?.stop();
  }, 240_000);
  return () => {
    if (product === undefined) throw new Error('the product is there in tests and hooks');
    return product;
  };
}

function sandboxOf(stack: Stack): Sandbox {
  const sandbox = stack.sandboxes.get(SANDBOX);
  if (sandbox === undefined) throw new Error('the stack has no sandbox');
  return sandbox;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function hasTargets(reply: unknown): reply is { readonly targets: readonly { readonly target_id: string }[] } {
  return typeof reply === 'object' && reply !== null && 'targets' in reply;
}
