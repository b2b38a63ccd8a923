import 'reflect-metadata';
import type { ServiceName } from '@m3/contracts';
import { Module, type DynamicModule, type INestApplication, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { lastingConnection } from '@m3/messaging';
import { Transport } from '@nestjs/microservices';
import { readBaseConfig } from './base-config.js';
import { Environment } from './environment.js';
import { HealthController } from './health.controller.js';
import { nestLogger } from './logger.js';
import { RUNTIME, type ServiceRuntime } from './runtime.js';
import { startRuntime } from './start-runtime.js';

/** Ports of the services when none is set, in the order of a publish. */
export const defaultPorts: Readonly<Record<ServiceName, number>> = {
  gateway: 7400,
  targets: 7401,
  gates: 7402,
  approvals: 7403,
  backups: 7404,
  deployer: 7405,
  notifier: 7406,
};

export interface ServiceDefinition {
  readonly name: ServiceName;
  /** The service's own module; reads its settings and makes its adapters. */
  readonly module: (runtime: ServiceRuntime, environment: Environment) => DynamicModule;
  /** Whether the service answers commands by request/reply. Default: yes. */
  readonly answersCommands?: boolean;
  /** A last touch on the HTTP side before it listens; only the gateway has one. */
  readonly http?: (app: INestApplication, runtime: ServiceRuntime) => Promise<void> | void;
}

/** Boots a service and runs it until SIGTERM or SIGINT. A setting that is wrong ends the process with one clear line. */
export async function runService(definition: ServiceDefinition): Promise<void> {
  try {
    await boot(definition, new Environment(process.env));
  } catch (error) {
    process.stderr.write(
      `${definition.name} cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exit(1);
  }
}

/** Holds together what a service's own module and the kit provide. */
@Module({ controllers: [HealthController] })
class ServiceRoot {
  static around(module: DynamicModule, runtime: ServiceRuntime): DynamicModule {
    const providers = [{ provide: RUNTIME, useValue: runtime }];
    return { module: ServiceRoot, global: true, imports: [module], providers, exports: [RUNTIME] };
  }
}

async function boot(definition: ServiceDefinition, environment: Environment): Promise<void> {
  const { name, module, answersCommands = true, http } = definition;
  const config = readBaseConfig(environment, defaultPorts[name]);
  const started = startRuntime(name, config);
  const { runtime } = started;
  const { log, bus } = runtime;
  const root = ServiceRoot.around(module(runtime, environment), runtime);
  const app = await NestFactory.create(root, { logger: nestLogger(log), bodyParser: false, abortOnError: false });
  await http?.(app, runtime);
  const events = app.connectMicroservice({ strategy: bus.strategy });
  const commands = answersCommands ? connectCommands(app, runtime) : null;
  await app.init();
  await events.listen();
  // Request/reply waits for the bus in the background: a service starts, and works, without it.
  commands?.listen().catch((error: unknown) => log.error({ err: error }, 'commands cannot be received'));
  await app.listen(config.port, config.host);
  log.info({ port: config.port }, `${name} is running`);
  stopOnSignals(async () => {
    await app.close();
    await started.stop();
    log.info(`${name} has stopped`);
  });
}

function connectCommands(app: INestApplication, { config, service }: ServiceRuntime): INestMicroservice {
  return app.connectMicroservice({
    transport: Transport.NATS,
    options: {
      servers: [config.natsUrl],
      queue: service,
      name: `${service}-commands`,
      waitOnFirstConnect: true,
      ...lastingConnection({ reconnectEveryMs: 250 }),
    },
  });
}

function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  const handle = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', handle);
  process.once('SIGINT', handle);
}
