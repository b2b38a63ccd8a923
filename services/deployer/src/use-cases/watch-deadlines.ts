import { publishEvents, type EventDefinition, type RecordedEvent } from '@m3/contracts';
import { Deadlines, startedBy, type DeadlineChange } from '@m3/process';
import type { ServiceRuntime } from '@m3/service-kit';
import type { AdvancePublish } from './advance-publish.js';

const prefix = 'publish-';

/** Lets a publish know when the deadline of its step has passed. */
export function watchDeadlines(
  { pool, store, clock, log, service }: ServiceRuntime,
  publishes: AdvancePublish,
): Deadlines {
  return new Deadlines({
    pool,
    store,
    service,
    types: publishEvents.filter(changesDeadline).map(({ type }) => type),
    change: deadlineChange,
    onDue: async (publishId) => {
      await publishes.react(
        publishId,
        { type: 'DeadlinePassed' },
        startedBy(`deadline-${publishId}`, { kind: 'system', id: 'clock' }, clock),
      );
    },
    clock,
    onError: (error) => log.error({ err: error }, 'deadlines could not be looked at; trying again'),
  });
}

/** Events that start a step with a deadline carry it; those that end or hold up a publish have none; others change nothing. */
function deadlineChange({ stream, type, data }: RecordedEvent): DeadlineChange | null {
  const key = stream.slice(prefix.length);
  if ('deadline_at' in data && typeof data.deadline_at === 'string') return { key, dueAt: data.deadline_at };
  return withoutDeadline.has(type) ? { key, dueAt: null } : null;
}

function changesDeadline({ type, schema }: EventDefinition): boolean {
  const fields: unknown = schema['properties'];
  return withoutDeadline.has(type) || (typeof fields === 'object' && fields !== null && 'deadline_at' in fields);
}

const withoutDeadline = new Set([
  'ApprovalRequested',
  'ApprovalWaived',
  'SlotAwaited',
  'PublishSucceeded',
  'PublishFailed',
  'PublishRejected',
  'PublishCancelled',
  'PublishRolledBack',
  'PublishRollbackFailed',
]);
