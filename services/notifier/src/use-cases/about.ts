import type { EventData, RecordedEvent, RecordedEventOf } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import type { Announced } from '../domain/announcement.js';
import type { Context, Subject } from '../domain/payload.js';

type About = Pick<Context, 'emergency' | 'subject'>;

/** What an event is about. Events that name no more than their publish are looked up in its stream. */
export async function aboutOf({ data, type }: RecordedEvent<Announced> & Announced, store: EventStore): Promise<About> {
  if ('subject' in data) return { subject: data.subject, emergency: data.subject.emergency === true };
  if (type === 'EmergencyDeclared') return { subject: data, emergency: true };
  if ('duty' in data) return { subject: null, emergency: false };
  if ('publish_id' in data) return aboutPublish(await store.readStream(`publish-${data.publish_id}`));
  return { subject: plainSubject(data), emergency: false };
}

/** Of events about no publish: an announced one, or a tag. */
function plainSubject(data: EventData<'PublishAnnounced' | 'VersionConflictDetected'>): Subject {
  const { project, version } = data;
  if (!('target_id' in data)) return { project, version };
  const { target_id, target_name, environment } = data;
  return { project, version, target_id, target_name, ...(environment === undefined ? {} : { environment }) };
}

function aboutPublish(history: readonly RecordedEvent[]): About {
  const request = history.find(isRequest);
  if (!request) return { subject: null, emergency: false };
  const { project, version, target, trigger } = request.data;
  const { target_id, name: target_name, environment } = target;
  const subject: Subject = { project, version, target_id, target_name, environment };
  return { subject, emergency: trigger === 'emergency' };
}

function isRequest(event: Pick<RecordedEvent, 'type'>): event is RecordedEventOf<'PublishRequested'> {
  return event.type === 'PublishRequested';
}
