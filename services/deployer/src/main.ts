import { runService } from '@m3/service-kit';
import { DeployerModule } from './deployer.module.js';

await runService({ name: 'deployer', module: (runtime, environment) => DeployerModule.create(runtime, environment) });
