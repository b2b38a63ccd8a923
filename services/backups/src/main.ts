import { runService } from '@m3/service-kit';
import { BackupsModule } from './backups.module.js';

await runService({
  name: 'backups',
  module: (runtime, environment) => BackupsModule.create(runtime, environment),
});
