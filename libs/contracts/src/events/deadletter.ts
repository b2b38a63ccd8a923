import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Id, PersonId, Reason } from '../shapes.js';
import { digest, ids } from './examples.js';

/** Tells replays apart: one may fail before it is recorded that it was asked for. */
const ReplayId = Type.String({ minLength: 1, maxLength: 400 });
const id = { dead_letter_id: Id('deadLetter') };

/** Stream `deadletter-<dead letter id>`: written by whichever service could not handle a message. */
export const deadLetterEvents = [
  defineEvent({
    type: 'DeadLetterRecorded',
    category: 'deadletter',
    schema: Type.Object(
      {
        ...id,
        origin: Type.Union([Type.Literal('inbox'), Type.Literal('consumer')]),
        consumer: Type.String(),
        subject: Type.String(),
        event_id: Type.Optional(Type.String()),
        code: Type.String(),
        reason: Reason,
        field: Type.Optional(Type.String()),
        attempts: Type.Integer({ minimum: 1 }),
        bytes: Type.Integer({ minimum: 0 }),
        sha256: Type.String(),
        excerpt: Type.String({ maxLength: 500 }),
      },
      closed,
    ),
    example: {
      dead_letter_id: ids.deadLetter,
      origin: 'inbox',
      consumer: 'targets-inbox',
      subject: 'version.tagged.invoice-pipeline',
      code: 'not_json',
      reason: 'the message is not JSON: unexpected token at position 0',
      attempts: 1,
      bytes: 12,
      sha256: digest,
      excerpt: 'not json',
    },
  }),
  defineEvent({
    type: 'DeadLetterReplayed',
    category: 'deadletter',
    schema: Type.Object({ ...id, by: PersonId, replay_id: Type.Optional(ReplayId) }, closed),
    example: { dead_letter_id: ids.deadLetter, by: 'ann', replay_id: 'replay-1' },
  }),
  defineEvent({
    /** A replay failed: the letter waits again. `replay_id` names the replay, so that one failure is told once. */
    type: 'DeadLetterFailedAgain',
    category: 'deadletter',
    schema: Type.Object(
      {
        ...id,
        replay_id: ReplayId,
        code: Type.String(),
        reason: Reason,
        field: Type.Optional(Type.String()),
        attempts: Type.Integer({ minimum: 1 }),
      },
      closed,
    ),
    example: {
      dead_letter_id: ids.deadLetter,
      replay_id: 'replay-1',
      code: 'not_json',
      reason: 'the message is not JSON: unexpected token at position 0',
      attempts: 1,
    },
  }),
  defineEvent({
    type: 'DeadLetterDiscarded',
    category: 'deadletter',
    schema: Type.Object({ ...id, by: PersonId, reason: Reason }, closed),
    example: { dead_letter_id: ids.deadLetter, by: 'ann', reason: 'sender fixed and sent again' },
  }),
] as const;
export type DeadLetterEvent = EventsOf<typeof deadLetterEvents>;
