import { runService } from '@m3/service-kit';
import { NotifierModule } from './notifier.module.js';

await runService({
  name: 'notifier',
  module: (runtime, environment) => NotifierModule.create(runtime, environment),
});
