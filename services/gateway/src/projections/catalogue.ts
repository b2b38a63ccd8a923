import { activations } from './activations.js';
import { approvals } from './approvals.js';
import { backups } from './backups.js';
import { deadLetters } from './dead-letters.js';
import { emergencies } from './emergencies.js';
import { freezes } from './freezes.js';
import { notifications } from './notifications.js';
import { occurrences } from './occurrences.js';
import { publishes } from './publishes.js';
import { reviews } from './reviews.js';
import { targets } from './targets.js';
import { verifications } from './verifications.js';
import { versions } from './versions.js';

/** Every read model of the gateway. */
export const projections = {
  targets,
  versions,
  publishes,
  approvals,
  backups,
  verifications,
  notifications,
  deadLetters,
  freezes,
  occurrences,
  emergencies,
  reviews,
  activations,
};
