import {
  newId,
  type ApprovalEvent,
  type EventData,
  type PublishEvent,
  type SlotEvent,
  type TargetSnapshot,
} from '@m3/contracts';
import { fold } from '@m3/decider';
import { approval } from '../../services/approvals/src/domain/approval.js';
import type { ApprovalState } from '../../services/approvals/src/domain/approval.state.js';
import { advance, type Surroundings } from '../../services/deployer/src/domain/advance.js';
import { approvedDigest } from '../../services/deployer/src/domain/publish.approval.js';
import { cancelPublish } from '../../services/deployer/src/domain/publish.cancel.js';
import { evolvePublish } from '../../services/deployer/src/domain/publish.evolve.js';
import { example } from '../../services/deployer/src/domain/publish.fixtures.js';
import type { Moment, PublishInput } from '../../services/deployer/src/domain/publish.inputs.js';
import { reactPublish } from '../../services/deployer/src/domain/publish.react.js';
import { initialPublish, type PublishState } from '../../services/deployer/src/domain/publish.state.js';
import { evolveSlot, initialSlot, fenceOf } from '../../services/deployer/src/domain/slot.js';

/**
 * The domains of approvals and of the deployer, wired together in memory and driven at random. All state is folded from
 * the log anew at every step, as after a restart; every message stays in the post and may be delivered again, late, and
 * in any order.
 */

export const people = ['alice', 'bob', 'carol', 'ann', 'mallory'] as const;
export type Person = (typeof people)[number];
const start = Date.parse('2026-03-19T14:00:00.000Z');
const base = example('PublishTriggered');
const quorum = 2;

export interface Publish {
  readonly events: PublishEvent[];
  readonly id: string;
}

type Answers = {
  readonly [Type in PublishEvent['type']]?: (publish: Publish, data: EventData<Type>) => void;
};

/** Everything that takes part, and what has to hold after each step of it. */
export class Product {
  readonly publishes: Publish[] = [];
  readonly slots: SlotEvent[] = [];
  readonly approvals = new Map<string, ApprovalEvent[]>();
  /** Everything that was ever sent; nothing is taken out. */
  readonly post: (() => void)[] = [];
  readonly roles = new Map<string, readonly string[]>();
  /** What the target's own database says. */
  active: string | null = null;
  config = 0;
  minutes = 0;

  private get now(): string {
    return new Date(start + this.minutes * 60_000).toISOString();
  }

  private get moment(): Moment {
    return {
      now: this.now,
      newIds: {
        ...{ gateRun: newId('gateRun'), approval: newId('approval'), nextApproval: newId('approval') },
        ...{ backup: newId('backup'), notification: newId('notification') },
      },
    };
  }

  snapshot(): TargetSnapshot {
    const config_digest = `sha256:${String(this.config).padStart(64, '0')}`;
    const rule = { ...base.target.approval, quorum, approvers: ['alice', 'bob', 'carol'], timeout_hours: 2 };
    // So that it can be told from the thresholds by which configuration the gates judged.
    const thresholds = { ...base.target.thresholds, p95_ms: 1_000 + this.config };
    return { ...base.target, config_digest, thresholds, approval: rule };
  }

  stateOf({ events }: Publish): PublishState {
    return fold({ initial: initialPublish, evolve: evolvePublish }, events);
  }

  approvalOf(id: string): ApprovalState {
    return fold(approval, this.approvals.get(id) ?? []);
  }

  request(version: string): void {
    const id = newId('publish');
    const publish = { id, events: [] };
    this.publishes.push(publish);
    const data = {
      ...base,
      publish_id: id,
      version,
      trigger: 'manual' as const,
      requested_by: 'ann',
      tagged_by: 'ann',
    };
    this.send(publish, { type: 'PublishTriggered', data: { ...data, allow_older: true, target: this.snapshot() } });
  }

  private send(publish: Publish, input: PublishInput): void {
    this.post.push(() => this.react(publish, input));
  }

  react(publish: Publish, input: PublishInput): void {
    this.append(publish, reactPublish(input, this.stateOf(publish), this.moment));
  }

  cancel(publish: Publish): void {
    const decision = cancelPublish({ by: 'ann', reason: 'no' }, this.stateOf(publish), this.moment);
    if (decision.outcome === 'accepted') this.append(publish, decision.events);
  }

  private append(publish: Publish, events: readonly PublishEvent[]): void {
    const state = this.stateOf(publish);
    if (state.status === 'absent' && events.length === 0) return;
    const slots = fold({ initial: initialSlot, evolve: evolveSlot }, this.slots);
    const target = { ...{ target_id: base.target.target_id, environment: 'production', windows: [], promotion: null } };
    const rules: Surroundings['rules'] = {
      target: { ...target, overrideRoles: ['admin'], enabled: true, disabledSince: null, hold: null },
      ...{ freezes: [], snapshot: this.snapshot(), promotion: { target_id: null, succeededAt: null } },
      judgedBy: { target_revision: 1, calendar_revision: 0 },
    };
    const next = advance(state, events, { slots, rules }, this.moment);
    publish.events.push(...next.publish);
    this.slots.push(...next.slot);
    for (const event of next.publish) this.told(publish, event.type, event.data);
    for (const event of next.slot) {
      if (event.type !== 'SlotGranted' && event.type !== 'PublishOvertaken') continue;
      const other = this.publishes.find(({ id }) => id === event.data.publish_id);
      if (other) this.send(other, event);
    }
    this.check();
  }

  private told<Type extends PublishEvent['type']>(publish: Publish, type: Type, data: EventData<Type>): void {
    const tell: ((publish: Publish, data: EventData<Type>) => void) | undefined = this.answers[type];
    tell?.(publish, data);
  }

  /** What other services answer to. */
  private readonly answers: Answers = {
    ValidationRequested: (publish, { gate_run_id }) => {
      const data = { ...example('ValidationCompleted'), publish_id: publish.id, gate_run_id };
      this.send(publish, { type: 'ValidationCompleted', data: { ...data, active_version: this.active } });
    },
    GatesRequested: (publish, { gate_run_id }) => {
      const data = { ...example('GatesCompleted'), publish_id: publish.id, gate_run_id };
      this.send(publish, { type: 'GatesCompleted', data });
    },
    ApprovalRequested: (publish, request) => void this.post.push(() => this.open(publish, request)),
    ApprovalVoided: (publish, { approval_id }) => void this.post.push(() => this.close(approval_id, publish)),
    PublishCancelled: (publish) => void this.post.push(() => this.close(this.askedLast(publish), publish)),
    PublishSuperseded: (publish) => void this.post.push(() => this.close(this.askedLast(publish), publish)),
    BackupRequested: (publish, { backup_id }) => {
      const found = { ...example('BackupTaken'), publish_id: publish.id, backup_id };
      this.post.push(() =>
        this.react(publish, { type: 'BackupTaken', data: { ...found, active_version: this.active } }),
      );
    },
    DeploymentRequested: (publish, data) => {
      this.checkDeployment(publish, data);
      const { checksum, counts, duration_ms, log } = example('ArtifactsDeployed');
      const result = { outcome: 'deployed', checksum, counts, duration_ms, log } as const;
      this.send(publish, { type: 'Deployed', result });
    },
    ActivationRequested: (publish, { subject }) => {
      this.post.push(() => {
        if (this.stateOf(publish).status === 'activating') this.active = subject.version;
        const result = { previous_version: null, draining: [], duration_ms: 1, log: [] };
        this.react(publish, { type: 'Activated', result: { outcome: 'activated', ...result } });
      });
    },
    VerificationRequested: (publish, { verifies }) =>
      this.send(publish, { type: 'Verified', verifies, result: { outcome: 'passed', checks: [], duration_ms: 1 } }),
    NotificationRequested: (publish, { notification_id }) => {
      const data = { ...example('NotificationAttempted'), publish_id: publish.id, notification_id };
      this.send(publish, { type: 'NotificationAttempted', data });
    },
  };

  private askedLast({ events }: Publish): string | null {
    const asked = events.findLast((event) => event.type === 'ApprovalRequested');
    return asked?.type === 'ApprovalRequested' ? asked.data.approval_id : null;
  }

  private open({ events }: Publish, request: EventData<'ApprovalRequested'>): void {
    const asked = events.findIndex((event) => event.type === 'ApprovalRequested' && event.data === request);
    const over = ['ApprovalVoided', 'PublishCancelled', 'PublishSuperseded'];
    if (events.slice(asked).some(({ type }) => over.includes(type))) return;
    this.decide(request.approval_id, { type: 'open', request, now: this.now });
  }

  private close(approval_id: string | null, { id: publish_id }: Publish): void {
    if (approval_id !== null) this.decide(approval_id, { type: 'close', approval_id, publish_id, reason: 'over' });
  }

  decide(id: string, command: Parameters<typeof approval.decide>[0]): void {
    const decision = approval.decide(command, this.approvalOf(id));
    if (decision.outcome === 'rejected') return;
    this.approvals.set(id, [...(this.approvals.get(id) ?? []), ...decision.events]);
    for (const event of decision.events) {
      if (event.type !== 'ApprovalGranted' && event.type !== 'ApprovalRejected') continue;
      const publish = this.publishes.find((each) => each.id === event.data.publish_id);
      if (publish) this.send(publish, event);
    }
  }

  vote(id: string, by: Person, decision: 'approve' | 'reject'): void {
    const roles = this.roles.get(by) ?? ['approver'];
    this.decide(id, { type: 'vote', by, roles, decision, comment: null, seen: this.roles });
  }

  look(publish: Publish): void {
    if (this.stateOf(publish).status !== 'absent') this.react(publish, { type: 'DeadlinePassed' });
  }

  pass(minutes: number): void {
    this.minutes += minutes;
    for (const id of [...this.approvals.keys()]) this.decide(id, { type: 'expire', now: this.now });
  }

  /** Nothing that waits for people holds a slot. */
  private check(): void {
    const slots = fold({ initial: initialSlot, evolve: evolveSlot }, this.slots);
    for (const publish of this.publishes) {
      const state = this.stateOf(publish);
      if (state.status === 'awaiting_approval') expect(fenceOf(slots, publish.id)).toBeNull();
    }
    expect(slots.holders.length).toBeLessThanOrEqual(1);
  }

  /** Exactly what is deployed was approved, by a quorum that the rule allows, each person once. */
  private checkDeployment(
    publish: Publish,
    { expected_version, deployed_digest }: EventData<'DeploymentRequested'>,
  ): void {
    const state = this.stateOf(publish);
    if (state.status === 'absent') throw new Error('deployed what nobody asked for');
    const judged = publish.events.findLast((event) => event.type === 'GatesRequested');
    expect(judged?.data).toMatchObject({ thresholds: state.request.target.thresholds });
    const history = this.approvals.get(this.askedLast(publish) ?? '') ?? [];
    const granted = history.find((event) => event.type === 'ApprovalGranted');
    if (granted === undefined) throw new Error('deployed without a grant');
    expect(granted.data.approved_digest).toBe(deployed_digest);
    expect(deployed_digest).toBe(approvedDigest(state.request, expected_version));
    expect(expected_version).toBe(this.active);
    const voters = new Set(granted.data.approved_by);
    expect(voters.size).toBeGreaterThanOrEqual(quorum);
    expect([...voters].every((person) => ['alice', 'bob', 'carol'].includes(person))).toBe(true);
    const standing = standingAt(history);
    expect([...voters].every((person) => standing.has(person))).toBe(true);
  }
}

/** Whose approval stood when it was granted. */
function standingAt(history: readonly ApprovalEvent[]): ReadonlySet<string> {
  const standing = new Set<string>();
  const end = history.findIndex(({ type }) => type === 'ApprovalGranted');
  for (const event of history.slice(0, end)) {
    if (event.type === 'ApprovalVoted' && event.data.decision === 'approve') standing.add(event.data.by);
    if (event.type === 'ApprovalVoteWithdrawn') standing.delete(event.data.by);
  }
  return standing;
}
