import type {
  ApprovalRule,
  EventData,
  FinalPublishStatus,
  PublishDetail,
  PublishFailure,
  PublishStatus,
  PublishTraffic,
  ShownTrigger,
  StartDelay,
  StepView,
  TrafficLimits,
  TrafficPlan,
} from '@m3/contracts';
import { waitingStatus } from '@m3/policies';

export type Step = StepView['step'];

/** What a publish waits for now. */
export type Waiting =
  | { readonly for: 'step'; readonly step: Step; readonly since: string; readonly deadline_at: string | null }
  | {
      readonly for: 'approval';
      readonly approval_id: string;
      /** Absent in rows that were projected before it was kept. */
      readonly rule?: ApprovalRule;
      readonly since: string;
      readonly deadline_at: string | null;
    }
  | ({ readonly for: 'start' } & StartDelay)
  | {
      readonly for: 'override';
      readonly gates: readonly string[];
      readonly roles: readonly string[];
      readonly since: string;
      readonly deadline_at: string;
    }
  /** The target is asked what came of a step. */
  | { readonly for: 'target'; readonly step: Step; readonly since: string; readonly deadline_at: string }
  /** A share of the traffic is watched: until a time, and for longer where too few executions came. */
  | {
      readonly for: 'traffic';
      readonly step: number;
      readonly steps: number;
      readonly weight: number;
      readonly from_version: string;
      readonly since: string;
      readonly watch_until: string;
      readonly deadline_at: string;
      readonly extended: boolean;
      readonly limits: TrafficLimits;
    }
  /** The version gets no new executions any more, before the target is put back. */
  | { readonly for: 'traffic_return'; readonly back_to: string; readonly since: string; readonly deadline_at: string }
  | { readonly for: 'slot'; readonly ahead: readonly string[]; readonly since: string }
  /** The next step has not been asked for yet: a matter of moments, unless the deployer is down. */
  | { readonly for: 'deployer'; readonly since: string }
  | { readonly for: 'nothing' };

/** What the read model keeps of a publish. Checks, logs and events stay in the log, and are read from there. */
export interface PublishRow extends Pick<
  EventData<'PublishRequested'>,
  'publish_id' | 'project' | 'version' | 'bundle_digest' | 'requested_by' | 'tagged_by' | 'reason' | 'allow_older'
> {
  readonly trigger: ShownTrigger;
  readonly target_id: string;
  readonly target_name: string;
  readonly environment: string;
  readonly requested_at: string;
  readonly status: PublishStatus;
  readonly steps: readonly StepView[];
  readonly waiting: Waiting;
  readonly previous_version: string | null;
  readonly ended_at: string | null;
  readonly outcome_reason: string | null;
  readonly failure: PublishFailure | null;
  readonly cancel_requested_by: string | null;
  /** Absent in rows that were projected before there were any; null: nothing is late. */
  readonly overdue_since?: string | null;
  /** Absent: it does no other one again. */
  readonly retry_of?: string;
  /** Absent: it is no rollback that somebody asked for. */
  readonly rollback?: Pick<EventData<'RollbackRequested'>, 'from' | 'backup_id' | 'takes_over' | 'undoes'>;
  /** Absent in rows that were projected before there were any. */
  readonly overrides?: PublishDetail['overrides'];
  /** How its target brings traffic to a version. Absent: all at once. */
  readonly traffic_plan?: TrafficPlan | undefined;
  /** Absent: its version has been given no share so far. */
  readonly traffic?: PublishTraffic | undefined;
}

/** The steps every publish goes through, in order (spec section 6). */
export const stepOrder = [
  'validating',
  'gating',
  'awaiting_approval',
  'backing_up',
  'deploying',
  'activating',
  'verifying',
  'notifying',
] as const satisfies readonly Step[];

function pending(step: Step): StepView {
  return {
    step,
    status: 'pending',
    started_at: null,
    ended_at: null,
    duration_ms: null,
    deadline_at: null,
    detail: null,
  };
}

/** Steps that have not begun. */
export function pendingSteps(steps: readonly Step[]): readonly StepView[] {
  return steps.map(pending);
}

export const noSteps = pendingSteps(stepOrder);

/**
 * Starts a step, and moves the publish to the status of the same name. Steps before it that never started were skipped;
 * those after it are still to come, also where they had begun before another round of checks.
 */
export function startStep(publish: PublishRow, step: Step, at: string, deadline_at: string | null): PublishRow {
  const started: StepView = { ...pending(step), status: 'running', started_at: at, deadline_at };
  const known = publish.steps.some((each) => each.step === step);
  const steps = known
    ? publish.steps.map((each) => (each.step === step ? started : each))
    : [...publish.steps, started];
  const at_step = steps.findIndex((each) => each.step === step);
  return {
    ...publish,
    status: step,
    steps: steps.map((each, index) => {
      if (index > at_step) return pending(each.step);
      return index < at_step && each.status === 'pending' ? skipped(each) : each;
    }),
    waiting: { for: 'step', step, since: at, deadline_at },
  };
}

/** Starts a step, or goes on with it: what runs already began when it began. */
export function resumeStep(
  publish: PublishRow,
  step: Step,
  {
    at,
    deadline_at,
    detail = null,
  }: { readonly at: string; readonly deadline_at: string; readonly detail?: string | null },
): PublishRow {
  const before = publish.steps.find((each) => each.step === step && each.status === 'running');
  const resumed = startStep(publish, step, at, deadline_at);
  const started_at = before?.started_at ?? at;
  return {
    ...resumed,
    steps: resumed.steps.map((each) => (each.step === step ? { ...each, started_at, detail } : each)),
  };
}

/** Ends a step that runs; one that does not run is left as it is, for its end came before. */
export function endStep(
  publish: PublishRow,
  step: Step,
  end: { readonly passed: boolean; readonly at: string; readonly detail: string | null },
): PublishRow {
  if (!isRunning(publish, step)) return publish;
  const steps = publish.steps.map((each) => (each.step === step ? ended(each, end) : each));
  return { ...publish, steps, waiting: { for: 'deployer', since: end.at } };
}

export function skipStep(publish: PublishRow, step: Step, detail: string): PublishRow {
  const steps = publish.steps.map((each) => (each.step === step ? { ...skipped(each), detail } : each));
  return { ...publish, steps };
}

/** Of a publish whose version was given a share of the traffic. */
export function withTraffic(publish: PublishRow, changes: Partial<PublishTraffic>): PublishRow {
  return publish.traffic === undefined ? publish : { ...publish, traffic: { ...publish.traffic, ...changes } };
}

/** Ends the publish: what still runs ends with it, what has not begun never will. */
export function endPublish(
  publish: PublishRow,
  status: FinalPublishStatus,
  end: { readonly at: string; readonly reason: string | null },
): PublishRow {
  const outcome = { passed: status === 'succeeded', at: end.at, detail: end.reason };
  const steps = publish.steps.map((each) => {
    if (each.status === 'running') return ended(each, outcome);
    return each.status === 'pending' ? skipped(each) : each;
  });
  // What was not kept was put back, or belongs to somebody newer. Nobody knows after a rollback that failed.
  const isKept = status === 'succeeded' || status === 'rollback_failed';
  const settled = isKept ? publish : withTraffic(publish, { state: 'returned', watch_until: null });
  return {
    ...settled,
    status,
    steps,
    waiting: { for: 'nothing' },
    ended_at: end.at,
    outcome_reason: end.reason,
    overdue_since: null,
  };
}

function isRunning(publish: PublishRow, step: Step): boolean {
  return publish.steps.some((each) => each.step === step && each.status === 'running');
}

function skipped(step: StepView): StepView {
  return { ...step, status: 'skipped' };
}

function ended(step: StepView, end: { readonly passed: boolean; readonly at: string; readonly detail: string | null }) {
  const duration_ms = step.started_at === null ? null : Math.max(0, Date.parse(end.at) - Date.parse(step.started_at));
  return {
    ...step,
    status: end.passed ? 'passed' : 'failed',
    ended_at: end.at,
    duration_ms,
    detail: end.detail,
  } as const;
}

/** It waits since the first of several delays that follow on each other. */
export function delayedStart(
  publish: PublishRow,
  { blocks, resume_at }: EventData<'StartDelayed'>,
  at: string,
): PublishRow {
  const since = publish.waiting.for === 'start' ? publish.waiting.since : at;
  return { ...publish, status: waitingStatus(blocks), waiting: { for: 'start', since, resume_at, blocks } };
}
