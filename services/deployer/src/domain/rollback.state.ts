import type { EventData } from '@m3/contracts';
import { outranking } from './slot.js';

/** What a rollback was asked for with, and everything that was decided then. */
export type Rollback = EventData<'RollbackRequested'>;

interface UnderWay {
  readonly request: Rollback;
  readonly deadline_at: string;
}

/** `not_stopped`: it is not known whether new executions were stopped. */
interface Stopped extends UnderWay {
  readonly routing: EventData<'RoutingStopped'>['outcome'];
}

/**
 * A rollback that somebody asked for, by status. It has the slot of its target from the beginning, and each step that
 * changes the target has a higher fence than the one before, so that none of them can come late.
 */
export type RollbackState =
  | { readonly status: 'rollback_requested'; readonly request: Rollback }
  | ({ readonly status: 'checking_backup' } & UnderWay)
  | ({ readonly status: 'stopping_routing' } & UnderWay)
  | ({ readonly status: 'routing_stopped' } & Stopped)
  | ({ readonly status: 'restoring_backup' } & Stopped)
  | ({ readonly status: 'reactivating' } & UnderWay)
  | ({ readonly status: 'reactivated' } & UnderWay)
  | ({ readonly status: 'verifying_rollback' } & UnderWay)
  | ({ readonly status: 'rollback_verified' } & UnderWay)
  | ({ readonly status: 'announcing_rollback'; readonly notification_id: string } & UnderWay);

/** Every status of a rollback but its end. */
export const rollbackStatuses = [
  'rollback_requested',
  'checking_backup',
  'stopping_routing',
  'routing_stopped',
  'restoring_backup',
  'reactivating',
  'reactivated',
  'verifying_rollback',
  'rollback_verified',
  'announcing_rollback',
] as const satisfies readonly RollbackState['status'][];

/** The fences of the three steps that write, each above the one before. */
export function fencesOf({ fence }: Pick<Rollback, 'fence'>) {
  return { stop: fence, restore: outranking(fence), reactivate: outranking(outranking(fence)) };
}
