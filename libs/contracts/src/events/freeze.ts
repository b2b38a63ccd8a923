import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Id, Reason, Roles } from '../shapes.js';
import { FreezePeriod, FreezeScope } from '../start-rules.js';
import { at, ids } from './examples.js';

/** The one stream of all freezes, owned by targets: they are few, and a start is checked against all of them at once. */
export const freezeCalendar = 'freeze-calendar';

export const freezeEvents = [
  defineEvent({
    type: 'FreezeDeclared',
    category: 'freeze',
    schema: Type.Object(
      {
        freeze_id: Id('freeze'),
        /** The command that declared it: sent twice, it declares one. */
        command_id: Type.String({ maxLength: 200 }),
        scope: FreezeScope,
        period: FreezePeriod,
        reason: Reason,
        override_roles: Roles,
      },
      closed,
    ),
    example: {
      freeze_id: ids.freeze,
      command_id: 'key_1',
      scope: { kind: 'environment', environment: 'production' },
      period: { from: at, to: '2026-03-23T06:00:00.000Z' },
      reason: 'end of quarter',
      override_roles: ['admin'],
    },
  }),
  defineEvent({
    type: 'FreezeLifted',
    category: 'freeze',
    schema: Type.Object({ freeze_id: Id('freeze'), reason: Reason }, closed),
    example: { freeze_id: ids.freeze, reason: 'the books are closed' },
  }),
] as const;
export type FreezeEvent = EventsOf<typeof freezeEvents>;
