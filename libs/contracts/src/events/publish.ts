import type { EventsOf } from '../define-event.js';
import { publishCheckEvents } from './publish-checks.js';
import { publishDeploymentEvents } from './publish-deployment.js';
import { publishEndingEvents } from './publish-endings.js';
import { publishInquiryEvents } from './publish-inquiries.js';
import { publishRollbackEvents } from './publish-rollback.js';
import { publishTrafficEvents } from './publish-traffic.js';

/** Stream `publish-<publish id>`, owned by the deployer. A `…Requested` event starts a step and says all that is needed to do it. */
export const publishEvents = [
  ...publishCheckEvents,
  ...publishDeploymentEvents,
  ...publishTrafficEvents,
  ...publishInquiryEvents,
  ...publishRollbackEvents,
  ...publishEndingEvents,
] as const;
export type PublishEvent = EventsOf<typeof publishEvents>;
