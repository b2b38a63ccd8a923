import { Type, type Static } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed } from '../shapes.js';

const count = Type.Integer({ minimum: 0 });
const KeyId = Type.String({ minLength: 1, maxLength: 200 });

/** What one run of a rotation did. Key ids name keys; keys themselves are nowhere. */
export const SecretsRotation = Type.Object(
  {
    /** The key that wraps now. */
    key_id: KeyId,
    /** Secrets that were wrapped again in this run, by the key that they were under. */
    rewrapped: Type.Array(Type.Object({ key_id: KeyId, count }, closed)),
    /** Secrets under the current key. */
    current: count,
    /** Secrets under other keys that this run did not get to: run it again. */
    remaining: count,
    /** Secrets whose key the service does not have. They are left as they are. */
    unopenable: Type.Array(Type.Object({ key_id: KeyId, count }, closed)),
  },
  closed,
);
export type SecretsRotation = Static<typeof SecretsRotation>;

/** Stream `target-secrets`, owned by targets. */
export const secretEvents = [
  defineEvent({
    type: 'SecretsRotated',
    category: 'target',
    schema: SecretsRotation,
    example: {
      key_id: 'local-4b227777d4dd',
      rewrapped: [{ key_id: 'local-ef2d127de37b', count: 12 }],
      current: 12,
      remaining: 0,
      unopenable: [],
    },
  }),
] as const;
export type SecretEvent = EventsOf<typeof secretEvents>;
