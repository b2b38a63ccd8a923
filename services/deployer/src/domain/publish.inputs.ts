import type { CheckResult, EventData, LogLine, Outcome } from '@m3/contracts';
import type { Measured } from './traffic.judge.js';

/** What a publish reacts to: events of other services, results of its own effects, and the clock. */
export type PublishInput =
  | { readonly type: 'PublishTriggered'; readonly data: EventData<'PublishTriggered'> }
  | { readonly type: 'ValidationCompleted'; readonly data: EventData<'ValidationCompleted'> }
  | { readonly type: 'GatesCompleted'; readonly data: EventData<'GatesCompleted'> }
  | { readonly type: 'ApprovalGranted'; readonly data: EventData<'ApprovalGranted'> }
  | { readonly type: 'ApprovalRejected'; readonly data: EventData<'ApprovalRejected'> }
  | { readonly type: 'SlotGranted'; readonly data: EventData<'SlotGranted'> }
  | { readonly type: 'PublishOvertaken'; readonly data: EventData<'PublishOvertaken'> }
  | { readonly type: 'BackupTaken'; readonly data: EventData<'BackupTaken'> }
  | { readonly type: 'BackupFailed'; readonly data: EventData<'BackupFailed'> }
  | { readonly type: 'BackupChecked'; readonly data: EventData<'BackupChecked'> }
  | { readonly type: 'BackupRestored'; readonly data: EventData<'BackupRestored'> }
  | { readonly type: 'BackupRestoreFailed'; readonly data: EventData<'BackupRestoreFailed'> }
  | { readonly type: 'NotificationAttempted'; readonly data: EventData<'NotificationAttempted'> }
  | { readonly type: 'Deployed'; readonly result: DeploymentResult }
  | { readonly type: 'Activated'; readonly result: ActivationResult }
  | {
      readonly type: 'TrafficShiftTried';
      /** The share that was tried: somebody who tried an earlier one is refused late. */
      readonly step: number;
      readonly result: TrafficShiftResult;
    }
  | { readonly type: 'TrafficMeasured'; readonly step: number; readonly measured: Measured }
  | { readonly type: 'TrafficReturnTried'; readonly result: TrafficReturnResult }
  | {
      readonly type: 'Verified';
      /** What was verified: a verification that ends late says nothing about what a rollback restored meanwhile. */
      readonly verifies: EventData<'VerificationRequested'>['verifies'];
      readonly result: VerificationResult;
    }
  | { readonly type: 'TargetAnswered'; readonly answer: TargetAnswer }
  | { readonly type: 'RoutingStopTried'; readonly result: RoutingStopResult }
  | { readonly type: 'Reactivated'; readonly result: ReactivationResult }
  | { readonly type: 'DeadlinePassed' };

/** What the target said that was asked about a step. */
export type TargetAnswer = Pick<EventData<'TargetStateFound'>, 'step' | 'found' | 'reason'>;

/** A failure of an effect. `unknown` says what may have happened all the same; null: surely nothing did. */
export interface EffectFailure {
  readonly outcome: 'failed';
  readonly code: string;
  readonly reason: string;
  readonly unknown: string | null;
}

export type DeploymentResult =
  | {
      readonly outcome: 'deployed' | 'already_deployed';
      readonly checksum: string;
      readonly counts: Readonly<Record<string, number>>;
      readonly duration_ms: number;
      readonly log: LogLine[];
    }
  | EffectFailure;

export type ActivationResult =
  | {
      readonly outcome: 'activated';
      readonly previous_version: string | null;
      readonly draining: { version: string; running: number }[];
      readonly duration_ms: number;
      readonly log: LogLine[];
    }
  | EffectFailure;

export type TrafficShiftResult =
  | ({ readonly outcome: 'shifted' } & Pick<EventData<'TrafficShifted'>, 'counted' | 'duration_ms' | 'log'>)
  | EffectFailure;

/** `fenced`: somebody newer has taken over the target. */
export type TrafficReturnResult =
  | Omit<EventData<'TrafficReturned'>, 'publish_id' | 'target_id'>
  | { readonly outcome: 'fenced'; readonly reason: string };

/** Of stopping new executions. `fenced`: somebody newer has taken over the target. */
export type RoutingStopResult =
  Omit<EventData<'RoutingStopped'>, 'publish_id'> | { readonly outcome: 'fenced'; readonly reason: string };

export type ReactivationResult =
  | ({ readonly outcome: 'reactivated' } & Pick<
      EventData<'VersionReactivated'>,
      'previous_version' | 'draining' | 'duration_ms' | 'log'
    >)
  | EffectFailure;

export interface VerificationResult {
  readonly outcome: Outcome;
  readonly checks: CheckResult[];
  readonly duration_ms: number;
}

/** Time and fresh ids come in with the input, so that a reaction is a pure function. */
export interface Moment {
  /** ISO 8601, UTC */
  readonly now: string;
  readonly newIds: {
    readonly gateRun: string;
    readonly approval: string;
    /** Of the one that is asked for when the first does not hold. */
    readonly nextApproval: string;
    readonly backup: string;
    readonly notification: string;
  };
}
