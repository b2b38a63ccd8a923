import { appendFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiClient } from './api-client.js';
import { explain } from './explain.js';
import { issueTokens, operator, writeCliSettings, writeSecretly } from './people.js';
import { startProgress } from './progress.js';
import { publishSample } from './publish-sample.js';
import { applyTargets, sampleSandboxes, sampleTargets } from './sample.js';
import { keepSecrets } from './secrets.js';
import type { Stack, StackOptions, StackPart } from './stack.js';
import { startStack } from './stack-start.js';
import { givenServers, portsFrom, sandboxPort, type StartOptions } from './start-options.js';
import { summary } from './summary.js';
import { Supervisor } from './supervisor.js';
import { startWebhookReceiver, type ReceivedWebhook, type WebhookReceiver } from './webhook-receiver.js';

const parts: readonly StackPart[] = [
  ...(['postgres', 'nats', 's3', 'database'] as const),
  ...sampleSandboxes.map((name) => `sandbox ${name}` as const),
  ...(['targets', 'gates', 'approvals', 'backups', 'deployer', 'notifier', 'gateway'] as const),
];

/** `npm start`: starts everything, shows the sample publish, and serves until a signal comes. Answers the exit code. */
export async function main(options: StartOptions): Promise<number> {
  const interruption = watchForInterruption();
  const { interrupted } = interruption;
  const session = new Session(options);
  try {
    const done = await Promise.race([session.run(), interrupted]);
    if (done === 'interrupted') return 130;
    if (options.once) return done ? 0 : 1;
    say('\nServing until Ctrl-C.');
    await interrupted;
    return 0;
  } catch (error) {
    say(`\n${explain(error, options)}`);
    return 1;
  } finally {
    await session.stop();
    interruption.end();
  }
}

/** One run, from start to stop. */
class Session {
  private readonly began = performance.now();
  private readonly supervisor = new Supervisor(say);
  private receiver: WebhookReceiver | undefined;
  private stack: Stack | undefined;

  constructor(private readonly options: StartOptions) {}

  /** Answers whether the development target runs the sample version in the end. */
  async run(): Promise<boolean> {
    const stack = await this.start();
    this.stack = stack;
    const tokens = await issueTokens(stack.home, stack.issuer);
    const api = new ApiClient(stack.services.gateway.url, tokens.get(operator.name) ?? '');
    await writeCliSettings(stack.home, api.url, api.token);
    const targets = await sampleTargets(stack.sandboxes);
    await writeSecretly(join(stack.home, 'targets.yaml'), targets);
    say(`✓ targets: ${await applyTargets(api, targets)}\n`);
    const published = await publishSample(api, stack.servers.nats.url, say);
    say(`\n${published ? '✓' : '✗'} ${this.seconds()} s from start to here`);
    if (!this.options.once) say(`\n${summary(stack, tokens, process.cwd()).join('\n')}`);
    return published;
  }

  /** Ends what runs; what is still starting is ended by the watchdog when this process ends. */
  async stop(): Promise<void> {
    this.supervisor.stop();
    if (this.stack !== undefined) say('Stopping …');
    await this.stack?.stop();
    await this.receiver?.close();
  }

  private async start(): Promise<Stack> {
    const { home } = this.options;
    await mkdir(join(home, 'logs'), { recursive: true });
    const secrets = await keepSecrets(join(home, 'secrets.json'));
    const answer = (webhook: ReceivedWebhook) => keepWebhook(join(home, 'logs', 'webhooks.log'), webhook);
    this.receiver = await startWebhookReceiver({ name: 'local', secret: secrets.webhookSecret, answer });
    const progress = startProgress(parts, process.stdout);
    const ports = portsFrom(this.options.port);
    const links = { PUBLIC_URL: `http://127.0.0.1:${ports.gateway}` };
    const stackOptions: StackOptions = {
      ...{ home, secrets, webhooks: [this.receiver.channel], servers: givenServers(process.env) },
      ports,
      sandboxes: sampleSandboxes.map((name, index) => ({ name, port: sandboxPort(this.options.port, index) })),
      serviceEnv: { gates: links, notifier: links },
      listener: { ...progress.listener, ended: (...end) => this.supervisor.revive(...end) },
    };
    try {
      return await startStack(stackOptions);
    } finally {
      await progress.end();
    }
  }

  private seconds(): string {
    return ((performance.now() - this.began) / 1000).toFixed(1);
  }
}

/** What the notifier sends arrives here, so that it can be seen without any other program. */
function keepWebhook(file: string, { id, payload }: ReceivedWebhook): number {
  appendFileSync(file, `${JSON.stringify({ received_at: new Date().toISOString(), id, payload })}\n`);
  return 204;
}

interface Interruption {
  readonly interrupted: Promise<'interrupted'>;
  end(): void;
}

/**
 * A signal, or the end of the npm that started us: npm does not pass on every signal. The timer also keeps this process
 * alive, which servers and services do not do by themselves.
 */
function watchForInterruption(): Interruption {
  const starter = process.env['npm_lifecycle_event'] === undefined ? undefined : process.ppid;
  let timer: NodeJS.Timeout | undefined;
  const interrupted = new Promise<'interrupted'>((resolve) => {
    const interrupt = () => resolve('interrupted');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
    timer = setInterval(() => {
      if (starter !== undefined && process.ppid !== starter) interrupt();
    }, 500);
  });
  return { interrupted, end: () => clearInterval(timer) };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
