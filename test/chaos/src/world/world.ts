import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetDocument } from '@m3/contracts';
import { LocalServer, newSecrets, startStack, startWebhookReceiver, Supervisor } from '@m3/local';
import type { Stack, WebhookReceiver } from '@m3/local';
import { startPostgres, type PostgresServer } from '@m3/local-servers';
import { linkOf, linkTo, places, sandboxes, services, type Place } from '../plan/places.js';
import { Clocks } from './clocks.js';
import { Link } from './link.js';

export interface WorldOptions {
  readonly home: string;
  readonly keep: boolean;
  /** Told what the supervisor does. */
  readonly say: (line: string) => void;
}

/** Some executions are enough: many publishes have to come to their end. */
const sharing = {
  deployment_strategy: 'canary',
  canary: {
    steps: [
      { weight: 25, pause_seconds: 0 },
      { weight: 50, pause_seconds: 1 },
      { weight: 100, pause_seconds: 0 },
    ],
    ...{ min_requests: 2, extend_seconds: 30 },
  },
} as const satisfies Partial<TargetDocument>;

/** The whole product, with ways that can be broken to every server, and the targets on a PostgreSQL of their own. */
export class World {
  private constructor(
    private readonly options: WorldOptions,
    readonly stack: Stack,
    readonly links: ReadonlyMap<string, Link>,
    private readonly parts: {
      readonly clocks: Clocks;
      readonly targetServer: LocalServer<PostgresServer>;
      readonly supervisor: Supervisor;
      readonly webhook: WebhookReceiver;
    },
  ) {}

  static async start(options: WorldOptions): Promise<World> {
    const { home, say } = options;
    const links = new Map<string, Link>();
    const lead = async (name: string, url: string) => {
      const link = links.get(name) ?? (await Link.to(url));
      links.set(name, link);
      return link.over(url);
    };
    const clocks = new Clocks(join(home, 'clocks'));
    const supervisor = new Supervisor(say);
    const secrets = newSecrets();
    const webhook = await startWebhookReceiver({ name: 'releases', secret: secrets.webhookSecret });
    const dataDir = join(home, 'target-databases');
    const targetServer = await LocalServer.start(dataDir, (port) =>
      startPostgres({ dataDir, ...(port === undefined ? {} : { port }) }),
    );
    try {
      const stack = await startStack({
        ...{ home, secrets, webhooks: [webhook.channel] },
        sandboxes: sandboxes.map((name) => ({
          ...{ name, adminUrl: targetServer.current.url },
          schemas: places.filter(({ sandbox }) => sandbox === name).map((place) => place.name),
        })),
        serviceEnv: Object.fromEntries(services.map((service) => [service, clocks.environmentOf(service)])),
        lead: ({ from, to, url }) => lead(linkOf(from, to), url),
        listener: { ended: (...end) => supervisor.revive(...end) },
      });
      for (const { name, gateway, databaseUrl } of stack.sandboxes.values()) {
        await lead(linkTo(name, 'gateway'), gateway.url);
        await lead(linkTo(name, 'database'), databaseUrl);
      }
      return new World(options, stack, links, { clocks, targetServer, supervisor, webhook });
    } catch (error) {
      await Promise.all([targetServer.stop(), webhook.close()]);
      throw error;
    }
  }

  get clocks(): Clocks {
    return this.parts.clocks;
  }

  get targetServer(): LocalServer<PostgresServer> {
    return this.parts.targetServer;
  }

  /** The document of a target, whose addresses lead over ways that can be broken. */
  document({ name, sandbox: sandboxName, automatic, shared }: Place): TargetDocument {
    const { gateway, databaseUrl } = this.sandbox(sandboxName);
    return {
      ...{ name, environment: 'staging', gateway_id: sandboxName, schema: name },
      gateway_url: this.link(linkTo(sandboxName, 'gateway')).over(gateway.url),
      database_url: this.link(linkTo(sandboxName, 'database')).over(databaseUrl),
      deployment: { timeout_seconds: 120 },
      ...(shared ? sharing : {}),
      ...(automatic ? { type: 'auto_deploy' } : { type: 'manual_approval', approvals: { min_approvals: 1 } }),
    };
  }

  /** The targets' database of a sandbox, without a way that can be broken. */
  sandbox(name: string) {
    const sandbox = this.stack.sandboxes.get(name);
    if (sandbox === undefined) throw new Error(`there is no sandbox ${name}`);
    return sandbox;
  }

  link(name: string): Link {
    const link = this.links.get(name);
    if (link === undefined) throw new Error(`there is no way ${name}`);
    return link;
  }

  /** Ends everything; the folder goes too, unless it is to be kept. */
  async stop(): Promise<void> {
    const { supervisor, targetServer, webhook } = this.parts;
    supervisor.stop();
    await this.stack.stop();
    await Promise.all([targetServer.stop(), webhook.close(), ...[...this.links.values()].map((link) => link.close())]);
    if (!this.options.keep) await rm(this.options.home, { recursive: true, force: true });
  }
}
