import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Environment, Id, Nullable, PersonId, ProjectName, Reason, VersionName } from '../shapes.js';
import { ids } from './examples.js';

/**
 * Stream `emergency-<target id>`, owned by targets: the emergency publishes to a target, one after the other. Written
 * together with the trigger of each, so that of two that come at once only one can follow on a review that was closed.
 */
export const emergencyEvents = [
  defineEvent({
    type: 'EmergencyDeclared',
    category: 'emergency',
    schema: Type.Object(
      {
        ...{ publish_id: Id('publish'), target_id: Id('target'), target_name: Type.String() },
        ...{ environment: Environment, project: ProjectName, version: VersionName },
        by: PersonId,
        justification: Nullable(Reason),
        /** Whether it has to be reviewed before the next one. */
        review: Type.Boolean(),
      },
      closed,
    ),
    example: {
      ...{ publish_id: ids.publish, target_id: ids.target, target_name: 'Production US East' },
      ...{ environment: 'production', project: 'invoice-pipeline', version: 'v1.3.0' },
      ...{ by: 'ann', justification: 'orders are lost', review: true },
    },
  }),
] as const;
export type EmergencyEvent = EventsOf<typeof emergencyEvents>;
