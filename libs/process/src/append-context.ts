import type { Actor, RecordedEvent } from '@m3/contracts';
import type { AppendContext } from '@m3/event-store';

/** Reads the time; injected, so that tests move it. */
export type Clock = () => Date;

/** Metadata of what an event causes: same correlation and trace, the event as its cause. */
export function causedBy(event: RecordedEvent, actor: Actor, clock: Clock): AppendContext {
  const { correlationId, traceparent } = event.metadata;
  return {
    actor,
    correlationId,
    causationId: event.eventId,
    occurredAt: clock().toISOString(),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** Metadata of what a person's command, or the clock, causes. */
export function startedBy(causationId: string, actor: Actor, clock: Clock): AppendContext {
  return { actor, correlationId: causationId, causationId, occurredAt: clock().toISOString() };
}
