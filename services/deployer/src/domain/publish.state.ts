import type { EventData, PublishSubject } from '@m3/contracts';
import type { Overridden } from '@m3/policies';
import type { RollbackState } from './rollback.state.js';

/** What was asked for; known in every state but the first. */
export type PublishRequest = Omit<EventData<'PublishRequested'>, 'trigger'> & {
  readonly trigger: EventData<'PublishRequested' | 'RollbackRequested'>['trigger'];
};

interface Asked {
  readonly request: PublishRequest;
}
interface Fenced extends Asked {
  readonly fence: number;
  /** When the deployment as a whole has to be over; of the notification, that. */
  readonly deadline_at: string;
  readonly expected_version: string | null;
  readonly backup_id: string | null;
  /** Somebody wants it undone as soon as its step ends. */
  readonly cancel: Cancellation | null;
  /** The target was asked what is true, and the step was asked for again: once is enough. */
  readonly asked: boolean;
  /** A share of the new executions went to the version, or may have: taking it back is a rollback. */
  readonly served: boolean;
}
/** A share of the new executions goes to the version. */
interface Sharing extends Fenced {
  /** Counted from 1. */
  readonly step: number;
  /** The active version, which has the rest. */
  readonly from_version: string;
}
/** What lets a publish go on: people, who approved of something, or that nobody needs to. */
export type Approval =
  { readonly by: 'nobody' } | { readonly by: 'people'; readonly approval_id: string; readonly approved_digest: string };
interface BeforeStart extends Asked {
  readonly approval: Approval;
  /** The one that what is approved was compared with. */
  readonly active_version: string | null;
  /** Windows and freezes that somebody allowed it to start in. */
  readonly overridden: Overridden;
}
/** Why a target is being put back, and how the publish ends once it is. */
type Undoing = Asked &
  Omit<EventData<'RestoreRequested'>, 'subject'> & {
    readonly cancel: Cancellation | null;
    /** The version that is taken back served: that is a rollback. Before that, nothing of it remains. */
    readonly was_active: boolean;
  };
/** Who does not want it any more, and why. */
export interface Cancellation {
  readonly by: string;
  readonly reason: string;
}

type Deploying = { readonly status: 'deploying' } & Fenced;
type Activating = { readonly status: 'activating' } & Fenced;
type Restoring = { readonly status: 'restoring' } & Undoing;

export type Failure = Pick<EventData<'PublishFailed'>, 'step' | 'code' | 'reason' | 'timed_out' | 'unknown'>;
/** A step whose outcome nobody knows, and what its failure is if the target does not say otherwise. */
export type Doubtful = Deploying | Activating | Restoring;
type InDoubt = Asked & {
  readonly about: Doubtful;
  readonly failure: Omit<EventData<'TargetStateRequested'>, 'subject' | 'fence' | 'deadline_at'>;
  readonly deadline_at: string;
};

/**
 * A publish, by status. `ready` has everything but the leave to start and a slot; nothing that waits before it holds one.
 * Whatever reaches a publish that waits for its start or for a slot makes it look again.
 */
export type PublishState =
  | { readonly status: 'absent' }
  | ({ readonly status: 'requested' } & Asked)
  | ({ readonly status: 'validating'; readonly gate_run_id: string; readonly deadline_at: string } & Asked)
  | ({
      readonly status: 'gating';
      readonly gate_run_id: string;
      readonly deadline_at: string;
      readonly active_version: string | null;
    } & Asked)
  | ({
      readonly status: 'awaiting_approval';
      readonly approval_id: string;
      readonly approved_digest: string;
      readonly active_version: string | null;
    } & Asked)
  | ({ readonly status: 'voided'; readonly active_version: string | null } & Asked)
  | ({ readonly status: 'ready' } & BeforeStart)
  | ({ readonly status: 'waiting_to_start' } & Pick<EventData<'StartDelayed'>, 'blocks' | 'resume_at'> & BeforeStart)
  | ({ readonly status: 'awaiting_slot' } & BeforeStart)
  | ({
      readonly status: 'backing_up';
      readonly backup_id: string;
      readonly required: boolean;
      readonly fence: number;
      readonly deadline_at: string;
      readonly approval: Approval;
      readonly active_version: string | null;
    } & Asked)
  | Deploying
  | ({ readonly status: 'deployed' } & Fenced)
  | ({ readonly status: 'shifting' } & Sharing)
  | ({
      readonly status: 'watching';
      readonly weight: number;
      readonly counted: EventData<'TrafficShifted'>['counted'];
      readonly shifted_at: string;
      readonly watch_until: string;
      readonly extended: boolean;
      /** When the deployment would have to be over, if nothing were watched. */
      readonly deployment_deadline_at: string;
    } & Sharing)
  | ({ readonly status: 'returning'; readonly failure: Failure } & Fenced)
  | Activating
  | ({ readonly status: 'active'; readonly previous_version: string | null } & Fenced)
  | ({ readonly status: 'verifying'; readonly previous_version: string | null } & Fenced)
  | ({ readonly status: 'verified'; readonly previous_version: string | null } & Fenced)
  | ({ readonly status: 'notifying'; readonly notification_id: string } & Fenced)
  | ({ readonly status: 'asking' } & InDoubt)
  | Restoring
  | ({ readonly status: 'verifying_restored'; readonly restored_version: string | null } & Undoing)
  | RollbackState
  | ({ readonly status: 'ended'; readonly outcome: Ending; readonly cancel: Cancellation | null } & Asked);

export type Ending =
  'succeeded' | 'failed' | 'rejected' | 'cancelled' | 'superseded' | 'rolled_back' | 'rollback_failed';

/** A publish in one of these statuses. */
export type InStatus<Status extends PublishState['status']> = Extract<PublishState, { status: Status }>;

export function hasStatus<Status extends PublishState['status']>(
  state: PublishState,
  statuses: readonly Status[],
): state is InStatus<Status> {
  return statuses.some((status) => status === state.status);
}

export const initialPublish: PublishState = { status: 'absent' };

/** The part of every request that says what the publish is about. */
export function subjectOf(request: PublishRequest): PublishSubject {
  const { target } = request;
  return {
    publish_id: request.publish_id,
    project: request.project,
    version: request.version,
    bundle_digest: request.bundle_digest,
    target_id: target.target_id,
    target_name: target.name,
    environment: target.environment,
    address: target.address,
    ...(request.trigger === 'emergency' ? { emergency: true } : {}),
  };
}
