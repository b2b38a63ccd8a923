import { BundleStore } from '@m3/bundles';
import { CommandClient, type Environment, type ServiceRuntime } from '@m3/service-kit';
import { createTargetAccess } from '@m3/target-access';
import { Module, type DynamicModule } from '@nestjs/common';
import { AskGates } from './adapters/nats/ask-gates.js';
import { CommandsController } from './adapters/nats/commands.controller.js';
import { EffectsController } from './adapters/nats/effects.controller.js';
import { QuestionsController } from './adapters/nats/questions.controller.js';
import { RollbacksController } from './adapters/nats/rollbacks.controller.js';
import { PublishController } from './adapters/nats/publish.controller.js';
import { CLOCK } from './tokens.js';
import { AdvancePublish } from './use-cases/advance-publish.js';
import { RequestTriggered } from './use-cases/request-triggered.js';
import { PlanPublish } from './use-cases/plan-publish.js';
import { BringTraffic } from './use-cases/bring-traffic.js';
import { AskDraining } from './use-cases/ask-draining.js';
import { AskTraffic } from './use-cases/ask-traffic.js';
import { LookAtRollback } from './use-cases/look-at-rollback.js';
import { RequestRollback } from './use-cases/request-rollback.js';
import { RunEffect } from './use-cases/run-effect.js';
import { watchDeadlines } from './use-cases/watch-deadlines.js';

/** The publish process and the effects it has on targets. */
@Module({})
export class DeployerModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { store, clock, bus, pool } = runtime;
    const publishes = new AdvancePublish(store);
    const targets = createTargetAccess(runtime, environment);
    const bundles = new BundleStore(pool);
    const performing = { publishes, targets, lease: bus.lease, clock };
    const effects = new RunEffect({ ...performing, bundles });
    const traffic = new BringTraffic(performing);
    const commands = new CommandClient(runtime.config.natsUrl, 'm3-deployer');
    runtime.onStop(() => commands.close());
    const plans = new PlanPublish({ store, targets, bundles, gates: new AskGates(commands), clock });
    const deadlines = watchDeadlines(runtime, publishes, traffic);
    deadlines.start();
    runtime.onStop(() => deadlines.stop());
    return {
      module: DeployerModule,
      controllers: [PublishController, EffectsController, CommandsController, QuestionsController, RollbacksController],
      providers: [
        { provide: AdvancePublish, useValue: publishes },
        { provide: RequestTriggered, useValue: new RequestTriggered(store, publishes, clock) },
        { provide: RunEffect, useValue: effects },
        { provide: BringTraffic, useValue: traffic },
        { provide: PlanPublish, useValue: plans },
        { provide: RequestRollback, useValue: new RequestRollback(store, new LookAtRollback({ store, targets })) },
        { provide: AskDraining, useValue: new AskDraining({ store, targets, clock }) },
        { provide: AskTraffic, useValue: new AskTraffic({ store, targets, clock }) },
        { provide: CLOCK, useValue: clock },
      ],
    };
  }
}
