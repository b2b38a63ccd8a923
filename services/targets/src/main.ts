import { runService } from '@m3/service-kit';
import { TargetsModule } from './targets.module.js';

await runService({ name: 'targets', module: (runtime, environment) => TargetsModule.create(runtime, environment) });
