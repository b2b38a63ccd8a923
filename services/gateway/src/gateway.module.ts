import { Module, type DynamicModule, type INestApplication, type Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { CommandClient, type Environment, type ServiceRuntime } from '@m3/service-kit';
import type { EventStore } from '@m3/event-store';
import helmet from 'helmet';
import type { Pool } from 'pg';
import { apiControllers } from './api/controllers.js';
import { LogReader } from './api/audit.controller.js';
import { AskRollbacks } from './api/ask-rollbacks.js';
import { CompareVersions } from './api/compare-versions.js';
import { PlanPublishes } from './api/plan-publishes.js';
import { ReplayDeadLetters } from './api/replay-dead-letters.js';
import { RequestPublishes } from './api/request-publishes.js';
import { asyncApi } from './api-docs/asyncapi.js';
import { docsPages } from './api-docs/docs-pages.js';
import { openApi } from './api-docs/openapi.js';
import { CommandDesk } from './commands/command-desk.js';
import { CommandSender } from './commands/command-sender.js';
import { SeenCallers } from './commands/seen-callers.js';
import { readGatewayConfig } from './config.js';
import { ProblemFilter, type FaultLog } from './http/problem-filter.js';
import { Following } from './live/following.js';
import { LiveStreams } from './live/live-streams.js';
import { LogFeed } from './live/log-feed.js';
import { StreamPlaces } from './live/stream-places.js';
import { Projector } from './projections/projector.js';
import { readModels } from './read-models/read-models.js';
import { issuerKeys } from './sign-in/issuer-keys.js';
import { RateLimit } from './sign-in/rate-limit.js';
import { TokenVerifier } from './sign-in/token-verifier.js';

/** What the gateway is made of, whoever provides it. */
export interface GatewayParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly sender: CommandSender;
  readonly tokens: () => Promise<TokenVerifier>;
  readonly limit: RateLimit;
  readonly log: FaultLog;
  readonly clock: () => Date;
}

/** Schema of the read models. */
const SCHEMA = 'read';
const API_VERSION = '1.0.0';

/** Sign-in, commands to their owners, read models, live streams. */
@Module({})
export class GatewayModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { pool, store, log, clock, config } = runtime;
    const { keys, issuer, audience, requestsPerSecond } = readGatewayConfig(environment);
    const sender = new CommandClient(config.natsUrl, 'm3-gateway');
    runtime.onStop(() => sender.close());
    return GatewayModule.of({
      ...{ pool, store, log, clock, sender },
      tokens: async () => new TokenVerifier({ keys: await issuerKeys(keys), issuer, audience }),
      limit: new RateLimit({ perSecond: requestsPerSecond, burst: requestsPerSecond * 4 }),
    });
  }

  static of(parts: GatewayParts): DynamicModule {
    return { module: GatewayModule, controllers: apiControllers, providers: providers(parts) };
  }
}

function providers({ pool, store, sender, tokens, limit, log, clock }: GatewayParts): Provider[] {
  const onError = (error: unknown) => log.error({ err: error }, 'the log cannot be followed; it is tried again');
  const feed = new LogFeed({ store, onError });
  const projector = new Projector({ pool, log: feed, schema: SCHEMA, onError });
  return [
    ...readModels({ pool, store, schema: SCHEMA, clock }),
    { provide: Following, useValue: new Following(feed, projector) },
    { provide: LiveStreams, useValue: new LiveStreams(feed, store) },
    { provide: StreamPlaces, useValue: new StreamPlaces({ total: 1_000, perCaller: 50 }) },
    { provide: LogReader, useValue: store },
    { provide: CommandSender, useValue: sender },
    { provide: TokenVerifier, useFactory: tokens },
    { provide: RateLimit, useValue: limit },
    { provide: APP_FILTER, useValue: new ProblemFilter(log) },
    CommandDesk,
    CompareVersions,
    ReplayDeadLetters,
    PlanPublishes,
    AskRollbacks,
    SeenCallers,
    RequestPublishes,
  ];
}

/** What is done on the HTTP side before any route: headers that keep browsers safe, and the descriptions of the API. */
export function prepareHttp(app: INestApplication): void {
  app.use(helmet());
  app.use(docsPages({ openApi: () => openApi(apiControllers, API_VERSION), asyncApi: () => asyncApi(API_VERSION) }));
}
