import { runService } from '@m3/service-kit';
import { GatesModule } from './gates.module.js';

await runService({
  name: 'gates',
  module: (runtime, environment) => GatesModule.create(runtime, environment),
});
