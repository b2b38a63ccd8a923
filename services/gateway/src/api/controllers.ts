import { ApprovalsController } from './approvals.controller.js';
import { AuditController } from './audit.controller.js';
import { BackupsController } from './backups.controller.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { LiveController } from './live.controller.js';
import { PublishesController } from './publishes.controller.js';
import { RecordsController } from './records.controller.js';
import { SecretsController } from './secrets.controller.js';
import { TargetRecordsController } from './target-records.controller.js';
import { TargetsController } from './targets.controller.js';
import { VersionsController } from './versions.controller.js';

/** Everything that is served under /api/v1, in the order of its description. */
export const apiControllers = [
  TargetsController,
  TargetRecordsController,
  VersionsController,
  PublishesController,
  ApprovalsController,
  BackupsController,
  DeadLettersController,
  LiveController,
  AuditController,
  RecordsController,
  SecretsController,
];
