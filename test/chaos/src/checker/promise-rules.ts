import type { Acknowledgement, Evidence, LoggedEvent, Violation } from './evidence.js';
import { publishOf, text } from './log-of.js';

/** What somebody was told is done, or under way, is in the log. */
export function promisesAreKept({ events, acknowledged }: Evidence): readonly Violation[] {
  return acknowledged.flatMap((promise) => {
    if (events.some((event) => keeps(event, promise))) return [];
    const about = 'publish_id' in promise ? { publish_id: promise.publish_id } : {};
    return [
      {
        rule: 'acknowledged is logged',
        ...about,
        text: `acknowledged, and not in the log: ${JSON.stringify(promise)}`,
      },
    ];
  });
}

function keeps(event: LoggedEvent, promise: Acknowledgement): boolean {
  switch (promise.command) {
    case 'tag':
      return event.type === 'VersionTagged' && says(event, promise);
    case 'publish':
      return event.type === 'PublishTriggered' && says(event, promise);
    case 'retry':
      return event.type === 'PublishTriggered' && says(event, promise);
    case 'rollback':
      return event.type === 'RollbackRequested' && says(event, promise);
    case 'cancel':
      return cancels.has(event.type) && publishOf(event) === promise.publish_id;
    case 'vote':
      return event.type === 'ApprovalVoted' && says(event, promise);
  }
}

/** Whether an event has every field that was promised, as it was promised. */
function says(event: LoggedEvent, { command: _command, ...promised }: Acknowledgement): boolean {
  return Object.entries(promised).every(([field, value]) => text(event, field) === value);
}

const cancels = new Set(['PublishCancelRequested', 'PublishCancelled']);
