import type { RecordedEvent } from '@m3/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Announcement } from './announcement.js';

/** What a notification is about, as far as it is known: a version that was tagged twice has no target. */
const Subject = Type.Object(
  {
    project: Type.String(),
    version: Type.String(),
    target_id: Type.Optional(Type.String()),
    target_name: Type.Optional(Type.String()),
    environment: Type.Optional(Type.String()),
  },
  { additionalProperties: true },
);
export type Subject = Static<typeof Subject>;

/** What every channel is given, and what webhooks send as it is: type, time and data as Standard Webhooks name them. */
export const NotificationPayload = Type.Object(
  {
    type: Type.String(),
    timestamp: Type.String(),
    data: Type.Object(
      {
        publish_id: Type.Union([Type.String(), Type.Null()]),
        message: Type.String(),
        emergency: Type.Optional(Type.Boolean()),
        planned_at: Type.Optional(Type.String()),
        incident: Type.Optional(Type.String()),
        links: Type.Optional(Type.Record(Type.String(), Type.String())),
        subject: Type.Optional(Subject),
      },
      { additionalProperties: true },
    ),
  },
  { additionalProperties: true },
);
export type NotificationPayload = Static<typeof NotificationPayload>;

/** What the event alone does not say. */
export interface Context {
  readonly emergency: boolean;
  readonly subject: Subject | null;
  /** Where people reach the API, without a slash at the end; null: links are paths. */
  readonly publicUrl: string | null;
}

export function payloadOf(
  { kind, publish_id, message, planned_at, incident }: Announcement,
  event: Pick<RecordedEvent, 'metadata' | 'data'>,
  { emergency, subject, publicUrl }: Context,
): NotificationPayload {
  const announced = 'expected_at' in event.data ? event.data : undefined;
  const links = linksOf(publish_id, event.data, publicUrl ?? '');
  return {
    type: kind,
    timestamp: event.metadata.occurredAt,
    data: {
      ...{ publish_id, message },
      ...said({ planned_at, incident }),
      ...(emergency ? { emergency } : {}),
      ...(links === null ? {} : { links }),
      ...(subject === null ? {} : { subject }),
      ...(announced ? { planned: announced } : {}),
    },
  };
}

/** Those of these fields that there is something to say in. */
function said(fields: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
}

/** Where people see what it is about, and decide. */
function linksOf(publish_id: string | null, data: object, base: string): Readonly<Record<string, string>> | null {
  if (publish_id === null) return null;
  const more = ['approval', 'review'].flatMap((kind) => {
    const id: unknown = Reflect.get(data, `${kind}_id`);
    return typeof id === 'string' ? [[kind, `${base}/api/v1/${kind}s/${id}`] as const] : [];
  });
  return { publish: `${base}/api/v1/publishes/${publish_id}`, ...Object.fromEntries(more) };
}
