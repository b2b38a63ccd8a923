import type { Environment, ServiceRuntime } from '@m3/service-kit';
import { createGuardedHttp } from '@m3/target-environment';
import { Module, type DynamicModule } from '@nestjs/common';
import { ChannelsController } from './adapters/nats/channels.controller.js';
import { NotificationsController } from './adapters/nats/notifications.controller.js';
import { openChannels } from './channels/registry.js';
import { readConfig } from './config.js';
import { Notify } from './use-cases/notify.js';
import { TestChannels } from './use-cases/test-channels.js';
import { watchDuties } from './use-cases/watch-duties.js';
import { watchOverdue } from './use-cases/watch-overdue.js';
import { gaugeOverdue } from './use-cases/watchdog.js';
import { watchRetries } from './use-cases/watch-retries.js';

/** Tells the world about publishes. */
@Module({})
export class NotifierModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { store, clock, bus } = runtime;
    const { channels: entries, allowedAddresses, publicUrl, overdueAfterSeconds } = readConfig(environment);
    const http = createGuardedHttp({ allow: allowedAddresses });
    const channels = openChannels(entries, { http });
    const notify = new Notify({ store, channels, publicUrl, lease: bus.lease, clock });
    const retries = watchRetries(runtime, notify);
    retries.start();
    const overdue = watchOverdue({ ...runtime, late: overdueAfterSeconds });
    overdue.start();
    const duties = watchDuties({ ...runtime, late: overdueAfterSeconds });
    duties.start();
    gaugeOverdue(runtime.metrics, runtime.pool);
    runtime.onStop(() => http.close());
    runtime.onStop(() => retries.stop());
    runtime.onStop(() => overdue.stop());
    runtime.onStop(() => duties.stop());
    return {
      module: NotifierModule,
      controllers: [NotificationsController, ChannelsController],
      providers: [
        { provide: Notify, useValue: notify },
        { provide: TestChannels, useValue: new TestChannels({ store, channels, clock }) },
      ],
    };
  }
}
