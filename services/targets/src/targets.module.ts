import { BundleStore } from '@m3/bundles';
import { PostgresDeadLetterPayloads } from '@m3/messaging';
import { ObjectStorage, readObjectStorageSettings } from '@m3/object-storage';
import { localKeyProvider, SecretStore } from '@m3/secrets';
import type { Environment, ServiceRuntime } from '@m3/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { DeadLetterCommandsController } from './adapters/nats/dead-letter-commands.controller.js';
import { FreezeCommandsController } from './adapters/nats/freeze-commands.controller.js';
import { TagsController } from './adapters/nats/tags.controller.js';
import { TargetCommandsController } from './adapters/nats/target-commands.controller.js';
import { VersionCommandsController } from './adapters/nats/version-commands.controller.js';
import { fetchFrom } from './adapters/s3/fetch-bundle.js';
import { ApplyTargets } from './use-cases/apply-targets.js';
import { BundleSource } from './use-cases/bundle-source.js';
import { ChangeTargets } from './use-cases/change-targets.js';
import { CompareBundles } from './use-cases/compare-bundles.js';
import { KeepCalendar } from './use-cases/keep-calendar.js';
import { PublishOnRequest } from './use-cases/request-publish.js';
import { SettleDeadLetters } from './use-cases/settle-dead-letters.js';
import { TagVersion } from './use-cases/tag-version.js';
import { TargetRegistry } from './use-cases/target-registry.js';

/** Targets, versions, and what sets publishes off. */
@Module({})
export class TargetsModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { store, bus, pool } = runtime;
    const objects = new ObjectStorage(readObjectStorageSettings(environment));
    runtime.onStop(() => objects.close());
    const secrets = new SecretStore(pool, localKeyProvider(environment.text('SECRET_KEY')));
    const registry = new TargetRegistry(store);
    const targets = new ChangeTargets(store, registry);
    const bundles = new BundleStore(pool);
    const versions = new TagVersion({
      store,
      bundles,
      source: new BundleSource(fetchFrom(objects)),
      registry,
    });
    const deadLetters = new SettleDeadLetters({
      store,
      payloads: new PostgresDeadLetterPayloads(pool),
      replay: bus.replay,
    });
    return {
      module: TargetsModule,
      controllers: [
        TagsController,
        TargetCommandsController,
        VersionCommandsController,
        DeadLetterCommandsController,
        FreezeCommandsController,
      ],
      providers: [
        { provide: ChangeTargets, useValue: targets },
        { provide: ApplyTargets, useValue: new ApplyTargets({ store, secrets, registry, targets }) },
        { provide: TagVersion, useValue: versions },
        { provide: CompareBundles, useValue: new CompareBundles(bundles) },
        { provide: PublishOnRequest, useValue: new PublishOnRequest(store, registry) },
        { provide: SettleDeadLetters, useValue: deadLetters },
        { provide: KeepCalendar, useValue: new KeepCalendar(store, registry) },
      ],
    };
  }
}
