import { ApprovalsController } from './approvals.controller.js';
import { AuditController } from './audit.controller.js';
import { BackupsController } from './backups.controller.js';
import { ChannelsController } from './channels.controller.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { FreezesController } from './freezes.controller.js';
import { GateCallbacksController } from './gate-callbacks.controller.js';
import { LiveController } from './live.controller.js';
import { PlansController } from './plans.controller.js';
import { PublishesController } from './publishes.controller.js';
import { RecordsController } from './records.controller.js';
import { EmergenciesController, ReviewsController } from './reviews.controller.js';
import { SecretsController } from './secrets.controller.js';
import { TargetRecordsController } from './target-records.controller.js';
import { PublishQuestionsController } from './publish-questions.controller.js';
import { PublishRollbacksController, TargetRollbacksController } from './rollbacks.controller.js';
import { SchedulesController } from './schedules.controller.js';
import { TargetsController } from './targets.controller.js';
import { VersionsController } from './versions.controller.js';

/** Everything that is served under /api/v1, in the order of its description. */
export const apiControllers = [
  TargetsController,
  TargetRecordsController,
  SchedulesController,
  VersionsController,
  PublishesController,
  PlansController,
  TargetRollbacksController,
  PublishRollbacksController,
  PublishQuestionsController,
  ApprovalsController,
  ReviewsController,
  EmergenciesController,
  FreezesController,
  BackupsController,
  DeadLettersController,
  GateCallbacksController,
  LiveController,
  AuditController,
  RecordsController,
  ChannelsController,
  SecretsController,
];
