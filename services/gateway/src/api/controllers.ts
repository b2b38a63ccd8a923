import { ApprovalsController } from './approvals.controller.js';
import { AuditController } from './audit.controller.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { FreezesController } from './freezes.controller.js';
import { LiveController } from './live.controller.js';
import { PublishesController } from './publishes.controller.js';
import { RecordsController } from './records.controller.js';
import { EmergenciesController, ReviewsController } from './reviews.controller.js';
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
  ReviewsController,
  EmergenciesController,
  FreezesController,
  DeadLettersController,
  LiveController,
  AuditController,
  RecordsController,
  SecretsController,
];
