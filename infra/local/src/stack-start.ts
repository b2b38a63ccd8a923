import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ServiceName } from '@m3/contracts';
import { prepareDatabase, roleOf } from '@m3/database';
import { importDatabase } from '@m3/vulnerabilities';
import { ensureJetStream } from './external-nats.js';
import { ensurePostgres } from './external-postgres.js';
import { ensureBucket } from './external-s3.js';
import { createLocalIssuer } from './issuer.js';
import type { LocalProcess } from './local-process.js';
import { sampleVulnerabilities } from './sample.js';
import { startSandbox, type Sandbox, type SandboxPlan } from './sandbox.js';
import { keepSecrets, rolePassword, type StackSecrets } from './secrets.js';
import { startService } from './service.js';
import { led, serviceEnvironment, type ServiceSurroundings } from './service-environment.js';
import type { Stack, StackOptions, StackPart } from './stack.js';
import { embeddedNats, embeddedPostgres, embeddedS3 } from './stack-servers.js';
import type { NatsOfStack, PostgresOfStack, S3OfStack } from './stack-servers.js';

interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Starts the product and waits until every part is ready; what can start side by side does. Nothing of it outlives this
 * process, however that ends.
 * @throws ProcessStartError, LocalServerError when a part does not start; then nothing is left running
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const start = new StackStart(options);
  try {
    return await start.run();
  } catch (error) {
    await start.stop();
    throw error;
  }
}

/** One start of a stack: remembers what is under way and what runs, so that it can be ended at any moment. */
class StackStart {
  private readonly underWay: Promise<unknown>[] = [];
  private readonly servers: Stoppable[] = [];
  private readonly processes: Stoppable[] = [];

  private readonly home: string;
  private readonly logs: string;

  constructor(private readonly options: StackOptions) {
    this.home = resolve(options.home);
    this.logs = join(this.home, 'logs');
  }

  async run(): Promise<Stack> {
    await mkdir(this.logs, { recursive: true });
    const secrets = this.options.secrets ?? (await keepSecrets(join(this.home, 'secrets.json')));
    const issuer = await createLocalIssuer(join(this.home, 'issuer'));
    const vulnerabilities = join(this.home, 'vulnerabilities');
    await importDatabase(sampleVulnerabilities, vulnerabilities, new Date());
    const postgres = this.follow(this.postgres());
    const nats = this.follow(this.nats());
    const s3 = this.follow(this.s3());
    const databaseUrls = this.follow(postgres.then((server) => this.database(server, secrets)));
    const sandboxes = this.follow(postgres.then((server) => this.sandboxes(server, secrets)));
    const services = this.follow(
      Promise.all([databaseUrls, nats, s3]).then(([urls, bus, storage]) =>
        this.services({
          ...{ databaseUrls: urls, natsUrl: bus.url, s3: storage, secrets, issuer },
          ...{ webhooks: this.options.webhooks ?? [], vulnerabilities },
        }),
      ),
    );
    await Promise.all(this.underWay);
    return {
      ...{ home: this.home, issuer, secrets },
      servers: { postgres: await postgres, nats: await nats, s3: await s3 },
      sandboxes: await sandboxes,
      services: await services,
      stop: () => this.stop(),
    };
  }

  /** Waits for what is under way, then ends what runs. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.underWay);
    await stopAll(this.processes);
    await stopAll(this.servers);
  }

  private follow<Result>(work: Promise<Result>): Promise<Result> {
    this.underWay.push(work);
    return work;
  }

  private postgres(): Promise<PostgresOfStack> {
    const given = this.options.servers?.postgres;
    return this.part('postgres', async () => {
      if (given !== undefined) await ensurePostgres(given.adminUrl);
      const server: PostgresOfStack = given ?? this.keep(await embeddedPostgres(this.place('postgres')));
      return [server, placeOf(server.adminUrl)];
    });
  }

  private nats(): Promise<NatsOfStack> {
    const given = this.options.servers?.nats;
    return this.part('nats', async () => {
      if (given !== undefined) await ensureJetStream(given.url);
      const server: NatsOfStack = given ?? this.keep(await embeddedNats(this.place('nats')));
      return [server, placeOf(server.url)];
    });
  }

  private s3(): Promise<S3OfStack> {
    const given = this.options.servers?.s3;
    return this.part('s3', async () => {
      if (given !== undefined) await ensureBucket(given);
      const server: S3OfStack = given ?? this.keep(await embeddedS3(this.place('s3')));
      return [server, server.endpoint];
    });
  }

  private keep<Server extends { readonly local: Stoppable }>(server: Server): Server {
    this.servers.push(server.local);
    return server;
  }

  private place(part: 'postgres' | 'nats' | 's3') {
    const { ports = {}, durability = 'safe', listener } = this.options;
    const says = (line: string) => listener?.says?.(part, line);
    return { home: this.home, port: ports[part], durability, says };
  }

  private database({ adminUrl }: PostgresOfStack, secrets: StackSecrets): Promise<Record<ServiceName, string>> {
    return this.part('database', async () => {
      const urls = await prepareDatabase(adminUrl, (service) => rolePassword(secrets, roleOf(service)));
      return [urls, 'migrated'];
    });
  }

  private async sandboxes(server: PostgresOfStack, secrets: StackSecrets): Promise<ReadonlyMap<string, Sandbox>> {
    const started = await settled(this.options.sandboxes.map((plan) => this.sandbox(plan, server, secrets)));
    return new Map(started.map((sandbox) => [sandbox.name, sandbox]));
  }

  private sandbox(plan: SandboxPlan, { adminUrl }: PostgresOfStack, secrets: StackSecrets): Promise<Sandbox> {
    const part: StackPart = `sandbox ${plan.name}`;
    return this.part(part, async () => {
      const sandbox = await startSandbox(plan, {
        ...{ adminUrl, logs: this.logs, port: plan.port, gatewayToken: secrets.targetGatewayToken },
        passwordOf: (role) => rolePassword(secrets, role),
        onUnexpectedEnd: (how, process) => this.options.listener?.ended?.(part, how, process),
      });
      this.processes.push(sandbox.gateway);
      return [sandbox, sandbox.gateway.url];
    });
  }

  private async services(surroundings: ServiceSurroundings): Promise<Record<ServiceName, LocalProcess>> {
    const start = (name: ServiceName) => this.service(name, surroundings);
    const [gateway, targets, deployer, gates, approvals, backups, notifier] = await settled([
      start('gateway'),
      start('targets'),
      start('deployer'),
      start('gates'),
      start('approvals'),
      start('backups'),
      start('notifier'),
    ]);
    return { gateway, targets, deployer, gates, approvals, backups, notifier };
  }

  private service(name: ServiceName, surroundings: ServiceSurroundings): Promise<LocalProcess> {
    const { ports = {}, serviceEnv = {}, listener, lead } = this.options;
    return this.part(name, async () => {
      const service = await startService(name, {
        env: { ...serviceEnvironment(name, await led(name, surroundings, lead)), ...serviceEnv[name] },
        ...{ logs: this.logs, port: ports[name] },
        onUnexpectedEnd: (how, process) => listener?.ended?.(name, how, process),
      });
      this.processes.push(service);
      return [service, service.url];
    });
  }

  /** Tells the listener of a part, whose work answers what it made and a note about it. */
  private async part<Result>(part: StackPart, work: () => Promise<readonly [Result, string]>): Promise<Result> {
    const { listener } = this.options;
    listener?.begun?.(part);
    try {
      const [result, note] = await work();
      listener?.done?.(part, note);
      return result;
    } catch (error) {
      listener?.failed?.(part, error);
      throw error;
    }
  }
}

async function stopAll(running: Stoppable[]): Promise<void> {
  await Promise.all(running.splice(0).map((each) => each.stop()));
}

/** As Promise.all, but not before all have settled: what is still starting when one fails can be ended afterwards. */
async function settled<const Works extends readonly Promise<unknown>[]>(
  works: Works,
): Promise<{ -readonly [Index in keyof Works]: Awaited<Works[Index]> }> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/** Host, port and path of a URL: never its password. */
function placeOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
