import { targetEvents, type RecordedEvent, type TargetEvent } from '@m3/contracts';
import { Deadlines, eventsIn, startedBy, type DeadlineChange } from '@m3/process';
import type { ServiceRuntime } from '@m3/service-kit';
import type { RunSchedules } from './run-schedules.js';

const isTargetEvent = eventsIn<TargetEvent>(targetEvents);

type ClockParts = Pick<ServiceRuntime, 'pool' | 'store' | 'clock' | 'service'> & {
  readonly log: Pick<ServiceRuntime['log'], 'error'>;
};

/** Lets schedules know that their time has come. Each look says when the next one is due; a target that changed is looked at anew. */
export function watchSchedules({ pool, store, clock, log, service }: ClockParts, schedules: RunSchedules): Deadlines {
  return new Deadlines({
    ...{ pool, store, clock, service },
    types: ['TargetCreated', 'TargetChanged'],
    change: lookAtChanged,
    onDue: async (targetId) => {
      const context = startedBy(`schedule-${targetId}`, { kind: 'system', id: 'clock' }, clock);
      return { lookAgainAt: await schedules.look(targetId, context) };
    },
    onError: (error) => log.error({ err: error }, 'schedules could not be looked at; trying again'),
  });
}

function lookAtChanged({ type, data, metadata }: RecordedEvent): DeadlineChange | null {
  const event = { type, data };
  if (!isTargetEvent(event) || !('document' in event.data)) return null;
  const { target_id, document } = event.data;
  return { key: target_id, dueAt: document.type === 'scheduled' ? metadata.occurredAt : null };
}
