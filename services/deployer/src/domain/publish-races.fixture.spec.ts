import {
  EventRegistry,
  eventCatalogue,
  fenceByHand,
  type EventData,
  type PublishEvent,
  type TrafficPlan,
} from '@m3/contracts';
import { cancelPublish } from './publish.cancel.js';
import { deadlineOf } from './publish.deadline.js';
import { withSlot } from './publish.deploy.js';
import { evolvePublish } from './publish.evolve.js';
import * as the from './publish.fixtures.js';
import { example, input, momentAt, request } from './publish.fixtures.js';
import type { EffectFailure, PublishInput, TrafficShiftResult } from './publish.inputs.js';
import { reactPublish } from './publish.react.js';
import { initialPublish, type PublishState } from './publish.state.js';

/** One publish among services and a target that do things late, twice, or without an answer. */

const { version } = request;
const before = 'v1.2.0';
/** The fence of the slot. */
const granted = 10;
const registry = new EventRegistry(eventCatalogue);
const lost: EffectFailure = { outcome: 'failed', code: 'database_timeout', reason: 'no answer', unknown: 'whether' };
const fenced: EffectFailure = { outcome: 'failed', code: 'fenced', reason: 'a newer attempt', unknown: null };

/** What a target database does: every write checks the fence first, and again it changes nothing. */
class ModelTarget {
  active = before;
  activeFence = 5;
  fence = 5;
  released = false;
  /** The version gets a share of the executions while another one is active. */
  shared = false;

  deploy = (fence: number): boolean => this.write(fence, () => void (this.released = true));
  activate = (fence: number): boolean =>
    this.write(fence, () => {
      if (this.active === before) [this.active, this.activeFence] = [version, fence];
      this.shared = false;
    });
  share = (fence: number, shared: boolean): boolean => this.write(fence, () => void (this.shared = shared));
  restore = (fence: number): boolean =>
    this.write(fence, () => {
      [this.active, this.activeFence] = [before, fence];
      this.released = false;
      this.shared = false;
    });

  /** An operator puts it back without anybody's leave, under a fence above all that the publish has. */
  restoreByHand(): void {
    const fence = fenceByHand(granted);
    this.write(fence, () => {
      [this.active, this.activeFence] = [before, fence];
      this.shared = false;
    });
  }

  private write(fence: number, change: () => void): boolean {
    if (fence < this.fence) return false;
    this.fence = fence;
    change();
    return true;
  }
}

export class Race {
  readonly target = new ModelTarget();
  /** Somebody was told that the publish is cancelled. */
  cancelled = false;
  /** What was asked for: anybody may do it at any time, and again. */
  private readonly asked: PublishEvent[] = [];
  /** What was answered: it may come at any time, and again. */
  private readonly answers: PublishInput[];
  private now = the.now;

  /** @param traffic how the target brings executions to a version; undefined: all at once */
  constructor(private readonly traffic?: TrafficPlan) {
    const { data } = input.triggered;
    const target = { ...data.target, ...(traffic ? { traffic } : {}) };
    this.answers = [{ type: 'PublishTriggered', data: { ...data, target } }];
  }

  /** How often it ended. */
  endings = 0;
  state: PublishState = initialPublish;

  /** Something happens: which, and to what, is drawn. The newest is the likeliest. */
  happens(draw: number, pick: number): void {
    if (draw < 42) this.carryOut(this.asked.at(-1 - pick), true);
    else if (draw < 88) this.deliver(this.answers.at(-1 - pick));
    else if (draw < 92) this.carryOut(this.asked.at(-1 - pick), false);
    else if (draw < 95) this.look(pick % 2 === 0);
    else if (draw < 97) this.timePasses();
    else this.cancel();
  }

  /** From here on everything goes well; what takes too long runs into its deadline. */
  comesToItsEnd(): void {
    for (let round = 0; this.state.status !== 'ended'; round += 1) {
      if (round > 60) throw new Error(`it hangs in ${this.state.status}`);
      const { state } = this;
      this.deliver(this.answers.at(-1));
      this.carryOut(this.asked.at(-1), true);
      this.deliver(this.answers.at(-1));
      this.look(true);
      if (this.state === state) this.timePasses();
    }
  }

  /** Whoever was cut off in the middle of something wakes up and does it now. */
  wakesUpLate(): void {
    for (const event of this.asked) this.carryOut(event, true);
    for (const answer of this.answers) this.deliver(answer);
  }

  private cancel(): void {
    const decision = cancelPublish({ by: 'ann', reason: 'wrong version' }, this.state, momentAt(this.now));
    if (decision.outcome === 'rejected') return;
    this.cancelled = true;
    this.append(decision.events);
  }

  /** Somebody looks at what the version does with its share, when that has lasted long enough. */
  private look(well: boolean): void {
    const { state } = this;
    if (state.status !== 'watching' || !this.traffic) return;
    if (state.watch_until > this.now) this.now = state.watch_until;
    const { min_requests: executions } = this.traffic;
    const measured = { executions, failures: well ? 0 : executions, p95_ms: 5 };
    this.answers.push({ type: 'TrafficMeasured', step: state.step, measured });
    this.deliver(this.answers.at(-1));
  }

  private timePasses(): void {
    const deadline = deadlineOf(this.state);
    if (deadline !== null && deadline > this.now) this.now = deadline;
    this.deliver(input.deadline);
  }

  private deliver(answer: PublishInput | undefined): void {
    if (answer) this.append(reactPublish(answer, this.state, momentAt(this.now)));
  }

  private append(events: readonly PublishEvent[]): void {
    for (const event of events) {
      registry.check(event.type, event.data);
      this.state = evolvePublish(this.state, event);
      if (this.state.status === 'ended') this.endings += 1;
      if (event.type.endsWith('Requested') && event.type !== 'PublishRequested') this.asked.push(event);
    }
    const { state } = this;
    if (state.status === 'ready') this.append(withSlot(state, granted, momentAt(this.now)));
  }

  private carryOut(event: PublishEvent | undefined, answered: boolean): void {
    const answer = event && answerTo(event, this.target, answered);
    if (answer) this.answers.push(answer);
  }
}

/** What comes of a request; unanswered: it is done, and nobody hears of it. */
type Answer<Type extends PublishEvent['type']> = (
  event: Asked<Type>,
  target: ModelTarget,
  answered: boolean,
) => PublishInput;
interface Asked<Type extends PublishEvent['type']> {
  readonly type: Type;
  readonly data: EventData<Type>;
}

const answers: { readonly [Type in PublishEvent['type']]?: Answer<Type> } = {
  ValidationRequested: ({ data: { gate_run_id } }) => ({
    type: 'ValidationCompleted',
    data: { ...example('ValidationCompleted'), gate_run_id, active_version: before },
  }),
  GatesRequested: ({ data: { gate_run_id } }) => ({
    type: 'GatesCompleted',
    data: { ...example('GatesCompleted'), gate_run_id },
  }),
  BackupRequested: ({ data: { backup_id } }, { active: active_version }) => ({
    type: 'BackupTaken',
    data: { ...example('BackupTaken'), backup_id, active_version },
  }),
  DeploymentRequested: ({ data: { fence } }, target, answered) => {
    const result = target.deploy(fence) ? input.deployed.result : fenced;
    return { type: 'Deployed', result: answered ? result : lost };
  },
  TrafficShiftRequested: ({ data: { fence, step } }, target, answered) => {
    const counted = { executions: 0, failures: 0 };
    const done: TrafficShiftResult = { outcome: 'shifted', counted, duration_ms: 1, log: [] };
    const result = target.share(fence, true) ? done : fenced;
    return { type: 'TrafficShiftTried', step, result: answered ? result : lost };
  },
  TrafficReturnRequested: ({ data: { fence } }, target, answered) => {
    const timing = { duration_ms: 1, log: [] };
    if (!target.share(fence, false)) return { type: 'TrafficReturnTried', result: { ...fenced, outcome: 'fenced' } };
    const reason = answered ? null : 'no answer';
    return {
      type: 'TrafficReturnTried',
      result: { outcome: answered ? 'returned' : 'not_returned', reason, ...timing },
    };
  },
  ActivationRequested: ({ data: { fence } }, target, answered) => {
    const result = target.activate(fence) ? input.activated.result : fenced;
    return { type: 'Activated', result: answered ? result : lost };
  },
  VerificationRequested: ({ data: { verifies, expected_version } }, { active }, answered) => {
    const { result } = answered && active === expected_version ? input.verified : input.unhealthy;
    return { type: 'Verified', verifies, result };
  },
  NotificationRequested: ({ data: { notification_id } }) => ({
    type: 'NotificationAttempted',
    data: { ...example('NotificationAttempted'), notification_id },
  }),
  RestoreRequested: ({ data: { backup_id, fence } }, target, answered) => {
    const done = target.restore(fence) && answered;
    if (!done) return { type: 'BackupRestoreFailed', data: { ...example('BackupRestoreFailed'), backup_id } };
    return { type: 'BackupRestored', data: { ...example('BackupRestored'), backup_id, active_version: before } };
  },
  TargetStateRequested: ({ data: { step } }, target, answered) => {
    if (!answered) return { type: 'TargetAnswered', answer: { step, found: null, reason: 'it is silent' } };
    const { active: active_version, activeFence: active_fence, fence, released } = target;
    const release = released ? 'present' : 'absent';
    const found = { active_version, active_fence, fence, release, gateway: 'answers' } as const;
    return { type: 'TargetAnswered', answer: { step, found, reason: `${active_version} is active` } };
  },
};

function answerTo<Type extends PublishEvent['type']>(
  event: Asked<Type>,
  target: ModelTarget,
  answered: boolean,
): PublishInput | undefined {
  const answer: Answer<Type> | undefined = answers[event.type];
  return answer?.(event, target, answered);
}
