import { publishEndings, type EventData, type RecordedEvent, type RecordedEventOf } from '@m3/contracts';
import { accept, reject, type Decision, type Refusal } from '@m3/decider';

export type RetryCode = 'publish_not_found' | 'publish_not_ended' | 'nothing_to_retry' | 'rollback_not_retried';

/** What a publish asked for that may be done again: it has ended, and neither it nor a newer one has succeeded. */
export function retryable(
  history: readonly Pick<RecordedEvent, 'type' | 'data'>[],
): Decision<EventData<'PublishRequested'>, Refusal<RetryCode>> {
  const [first] = history;
  if (first === undefined) return reject('publish_not_found', 'there is no such publish', 'publish_id');
  if (!isRequest(first)) return reject('rollback_not_retried', 'a rollback is not retried; ask for another one');
  const types = new Set<string>(history.map(({ type }) => type));
  if (types.has('PublishSucceeded')) return reject('nothing_to_retry', 'the publish has succeeded');
  if (types.has('PublishSuperseded')) return reject('nothing_to_retry', 'a newer publish went in its stead');
  if (!publishEndings.some((type) => types.has(type)))
    return reject('publish_not_ended', 'the publish has not ended; cancel it, or wait for its end');
  return accept(first.data);
}

function isRequest(
  event: Pick<RecordedEvent, 'type' | 'data'>,
): event is Pick<RecordedEventOf<'PublishRequested'>, 'type' | 'data'> {
  return event.type === 'PublishRequested';
}
