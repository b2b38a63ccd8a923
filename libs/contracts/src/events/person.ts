import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, PersonId, Roles } from '../shapes.js';

/** Stream `person-<id>`, owned by approvals: the roles of those who decide, as their tokens had them when last seen. */
export const personEvents = [
  defineEvent({
    type: 'RolesSeen',
    category: 'person',
    schema: Type.Object({ person_id: PersonId, roles: Roles }, closed),
    example: { person_id: 'bob', roles: ['approver'] },
  }),
] as const;
export type PersonEvent = EventsOf<typeof personEvents>;

export const personStream = (personId: string): string => `person-${personId}`;
