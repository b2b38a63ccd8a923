import { runService } from '@m3/service-kit';
import { ApprovalsModule } from './approvals.module.js';

await runService({ name: 'approvals', module: (runtime) => ApprovalsModule.create(runtime) });
