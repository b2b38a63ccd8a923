import type { Environment, ServiceRuntime } from '@m3/service-kit';
import { createGuardedHttp } from '@m3/target-environment';
import { Module, type DynamicModule } from '@nestjs/common';
import { NotificationsController } from './adapters/nats/notifications.controller.js';
import { readConfig } from './config.js';
import { Notify } from './use-cases/notify.js';
import { watchRetries } from './use-cases/watch-retries.js';

/** Tells the world about publishes. */
@Module({})
export class NotifierModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { store, clock, bus } = runtime;
    const { webhooks, allowedAddresses } = readConfig(environment);
    const http = createGuardedHttp({ allow: allowedAddresses });
    const notify = new Notify({ store, http, webhooks, lease: bus.lease, clock });
    const retries = watchRetries(runtime, notify);
    retries.start();
    runtime.onStop(() => http.close());
    runtime.onStop(() => retries.stop());
    return {
      module: NotifierModule,
      controllers: [NotificationsController],
      providers: [{ provide: Notify, useValue: notify }],
    };
  }
}
