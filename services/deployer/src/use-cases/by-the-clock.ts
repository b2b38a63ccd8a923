import type { Actor } from '@m3/contracts';
import type { AppendContext } from '@m3/event-store';
import { startedBy } from '@m3/process';

const clock: Actor = { kind: 'system', id: 'clock' };

/** Metadata of what a publish does because of the time, at a time in ISO 8601. */
export function byTheClock(publishId: string, at: string): AppendContext {
  return startedBy(`deadline-${publishId}`, clock, () => new Date(at));
}
