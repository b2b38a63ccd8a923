import {
  freezeCalendar,
  newId,
  type Caller,
  type DomainEventType,
  type EventData,
  type NewEvent,
  type RecordedEvent,
  type RecordedEventOf,
  type Role,
} from '@m3/contracts';
import type { AppendContext } from '@m3/event-store';
import { eventsIn } from '@m3/process';
import { ApprovalsController } from '../../services/approvals/src/adapters/nats/approvals.controller.js';
import { DecideApprovals } from '../../services/approvals/src/use-cases/decide-approvals.js';
import { KnownPeople } from '../../services/approvals/src/use-cases/known-people.js';
import { cancelPublish } from '../../services/deployer/src/domain/publish.cancel.js';
import { example } from '../../services/deployer/src/domain/publish.fixtures.js';
import type { PublishInput } from '../../services/deployer/src/domain/publish.inputs.js';
import { AdvancePublish } from '../../services/deployer/src/use-cases/advance-publish.js';
import { approvers, CheckedLog, is, quorum } from './approvals-model.rules.fixture.spec.js';
import { LogOfProcess, Turns, type Mortal } from './approvals-model.turns.fixture.spec.js';

/**
 * Approvals and deployer as they are, two replicas of each, on one log; only what is outside of them is made up. Their
 * calls take turns in a random order; every event of the log may be delivered to any replica at any time, any number of
 * times; a replica may end at any point and begins anew with an empty memory.
 */

export const people = ['alice', 'bob', 'carol', 'ann', 'mallory'] as const;
export type Person = (typeof people)[number];
const start = Date.parse('2026-03-19T14:00:00.000Z');
const base = example('PublishTriggered');
const targetStream = `target-${base.target.target_id}`;

const deadlinePassed = { type: 'DeadlinePassed' } as const;

/** What a publish is brought from the log. */
const isInput = eventsIn<Extract<PublishInput, { readonly data: unknown }>>([
  ...([{ type: 'PublishTriggered' }, { type: 'ValidationCompleted' }, { type: 'GatesCompleted' }] as const),
  ...([{ type: 'ApprovalGranted' }, { type: 'ApprovalRejected' }, { type: 'SlotGranted' }] as const),
  ...([{ type: 'PublishOvertaken' }, { type: 'BackupTaken' }, { type: 'BackupRestored' }] as const),
  { type: 'NotificationAttempted' },
]);

/** One process with both services: each call of either is its own. */
interface Replica extends Mortal {
  readonly deployer: AdvancePublish;
  readonly decisions: DecideApprovals;
  readonly seen: KnownPeople;
  readonly approvals: ApprovalsController;
}

/** The target itself: it lets nobody change it who is not the newest, or who expects something else. */
interface Target {
  active: string | null;
  fence: number;
}

export class Product {
  readonly log = new CheckedLog();
  readonly turns = new Turns();
  readonly target: Target = { active: null, fence: 0 };
  private readonly roles = new Map<string, Role>();
  private readonly replicas: Replica[] = [];
  private readonly backups = new Map<string, string | null>();
  private config = 0;
  private minutes = 0;
  private delivered = 0;
  activations = 0;
  dismissals = 0;
  readonly surprises = { configuration: 0, freeze: 0 };

  static async open(): Promise<Product> {
    const product = new Product();
    product.replicas.push(product.replica(), product.replica());
    await product.configure('TargetCreated');
    return product;
  }

  private readonly clock = (): Date => new Date(start + this.minutes * 60_000);

  private context(): AppendContext {
    const occurredAt = this.clock().toISOString();
    return { actor: { kind: 'service', id: 'model' }, correlationId: 'model', causationId: null, occurredAt };
  }

  private replica(): Replica {
    const mortal: Mortal = { alive: true };
    const store = new LogOfProcess(this.log, this.turns, mortal);
    const seen = new KnownPeople(store);
    const decisions = new DecideApprovals(store, seen);
    const approvals = new ApprovalsController(decisions, seen, { store, clock: this.clock });
    return Object.assign(mortal, { seen, decisions, approvals, deployer: new AdvancePublish(store) });
  }

  /** Ends a replica in the middle of whatever it is at; another one begins. */
  restart(which: number): void {
    const at = which % this.replicas.length;
    const [ended] = this.replicas.splice(at, 1, this.replica());
    if (ended) this.turns.end(ended);
  }

  /** What others say, at once. */
  private async say(stream: string, event: NewEvent): Promise<void> {
    const expectedVersion = (await this.log.readStream(stream)).length;
    await this.log.append([{ stream, expectedVersion, events: [event] }], this.context());
  }

  private get digest(): string {
    return `sha256:${String(this.config).padStart(64, '0')}`;
  }

  async configure(type: 'TargetCreated' | 'TargetChanged' = 'TargetChanged'): Promise<void> {
    this.config += 1;
    const data = example('TargetCreated');
    const { target_id } = base.target;
    const approvals = { min_approvals: quorum, allowed_approvers: approvers, timeout_hours: 2 };
    // So that it can be told from the thresholds by which configuration the gates judged.
    const document = { ...data.document, approvals, gates: { p95_ms: 1_000 + this.config } };
    await this.say(targetStream, { type, data: { ...data, target_id, config_digest: this.digest, document } });
  }

  async request(version: string): Promise<void> {
    const publish_id = newId('publish');
    const approval = { ...base.target.approval, quorum, approvers, timeout_hours: 2 };
    const thresholds = { ...base.target.thresholds, p95_ms: 1_000 + this.config };
    const target = { ...base.target, config_digest: this.digest, thresholds, approval };
    const asked = { requested_by: 'ann', tagged_by: 'ann', trigger: 'manual' as const, allow_older: true };
    const data = { ...base, ...asked, publish_id, version, target };
    await this.say(`version-${publish_id}`, { type: 'PublishTriggered', data });
  }

  private at(which: number): Replica {
    const replica = this.replicas[which % this.replicas.length];
    if (!replica) throw new Error('there is always a replica');
    return replica;
  }

  private async by(which: number, work: (replica: Replica) => Promise<unknown>): Promise<void> {
    const replica = this.at(which);
    await this.turns.start(() => work(replica));
  }

  private caller(id: string): Caller {
    return { id, roles: [this.roles.get(id) ?? 'approver'] };
  }

  private approvalAt(which: number): string | undefined {
    const asked = this.log.of('ApprovalRequested');
    return asked[which % Math.max(1, asked.length)]?.data.approval_id;
  }

  async vote(which: number, id: string, decision: 'approve' | 'reject'): Promise<void> {
    const approval = this.approvalAt(which);
    if (approval !== undefined) await this.cast(which, approval, id, decision);
  }

  private cast(which: number, approval: string, id: string, decision: 'approve' | 'reject'): Promise<void> {
    const { roles } = this.caller(id);
    const ballot = { type: 'vote', by: id, roles, decision, comment: null } as const;
    return this.by(which, ({ decisions }) => decisions.vote(approval, ballot, this.context()));
  }

  /**
   * Somebody votes who has not yet; when that has been counted and is about to be appended, somebody whose vote counts
   * loses the role, and is seen without it.
   */
  async dismissWhileVoting(which: number): Promise<void> {
    const missing = this.log.open.flatMap((approval) => {
      const standing = this.log.standing(approval);
      const voter = approvers.find((id) => !standing.includes(id));
      return voter === undefined ? [] : [{ approval, standing, voter }];
    });
    const vote = missing[which % Math.max(1, missing.length)];
    if (vote === undefined) return;
    const { approval, standing, voter } = vote;
    this.hire(voter, 'approver');
    await this.turns.upToAppend(this.at(which), () => this.cast(which, approval, voter, 'approve'));
    const counted = [...standing, voter].filter((id) => this.log.rolesOf(id).includes('approver'));
    const loser = counted[which % Math.max(1, counted.length)];
    if (loser !== undefined) await this.dismiss(loser);
  }

  private async dismiss(id: string): Promise<void> {
    this.roles.set(id, 'viewer');
    await this.say(`person-${id}`, { type: 'RolesSeen', data: { person_id: id, roles: ['viewer'] } });
    this.dismissals += 1;
  }

  /**
   * A publish that has its approval, or may have waited long enough, is judged; when it is about to append its start, its
   * target is changed or a freeze is declared.
   */
  async changeWhileStarting(which: number, change: 'configuration' | 'freeze'): Promise<void> {
    const { unheard } = this.log;
    const grant = unheard[which % Math.max(1, unheard.length)];
    await this.turns.upToAppend(this.at(which), () => (grant ? this.bring(grant, which) : this.look(which)));
    await (change === 'freeze' ? this.freeze() : this.configure());
    if (grant) this.surprises[change] += 1;
  }

  async freeze(): Promise<void> {
    const period = { from: '2026-01-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' };
    const data = {
      ...example('FreezeDeclared'),
      freeze_id: newId('freeze'),
      scope: { kind: 'global' },
      period,
    } as const;
    await this.say(freezeCalendar, { type: 'FreezeDeclared', data });
  }

  /** Lifts all freezes; whoever waits for that looks. */
  async thaw(which: number): Promise<void> {
    for (const freeze_id of this.log.freezes)
      await this.say(freezeCalendar, { type: 'FreezeLifted', data: { freeze_id, reason: 'over' } });
    for (const { data } of this.log.of('PublishRequested')) await this.react(which, data.publish_id, deadlinePassed);
  }

  /** Everybody is in office, and in favour; nothing is said to the publishes yet. */
  async approveAll(): Promise<void> {
    this.roles.clear();
    const asked = this.log.of('ApprovalRequested').length;
    for (let which = 0; which < asked; which++) for (const id of approvers) await this.vote(which, id, 'approve');
    await this.rest();
  }

  /** Everybody is in office, and seen so; on what waits for its first vote, the second one is missing. */
  async approveAlmost(): Promise<void> {
    this.roles.clear();
    for (const id of approvers) await this.by(0, ({ seen }) => seen.see(this.caller(id), this.context()));
    for (const approval of this.log.open)
      if (this.log.standing(approval).length === 0) await this.cast(0, approval, 'alice', 'approve');
    await this.rest();
  }

  async withdraw(which: number, by: Person): Promise<void> {
    const approval = this.approvalAt(which);
    const taken = { type: 'withdraw', by, roles: ['approver'] } as const;
    if (approval !== undefined)
      await this.by(which, ({ decisions }) => decisions.handle(approval, taken, this.context()));
  }

  /** Somebody gets or loses the role; the product hears of it when they are seen. */
  hire(id: string, role: Role): void {
    this.roles.set(id, role);
  }

  see(which: number, id: Person): Promise<void> {
    return this.by(which, ({ seen }) => seen.see(this.caller(id), this.context()));
  }

  async pass(minutes: number): Promise<void> {
    this.minutes += minutes;
    const now = this.clock().toISOString();
    for (const { data } of this.log.of('ApprovalRequested'))
      await this.by(minutes, ({ decisions }) =>
        decisions.handle(data.approval_id, { type: 'expire', now }, this.context()),
      );
  }

  private publishAt(which: number): string | undefined {
    const publishes = this.log.of('PublishRequested');
    return publishes[which % Math.max(1, publishes.length)]?.data.publish_id;
  }

  /** The clock, or news about the target. */
  async look(which: number): Promise<void> {
    const id = this.publishAt(which);
    if (id !== undefined) await this.react(which, id, deadlinePassed);
  }

  async cancel(which: number): Promise<void> {
    const id = this.publishAt(which);
    const wish = { by: 'ann', reason: 'no longer wanted' };
    if (id !== undefined)
      await this.by(which, ({ deployer }) =>
        deployer.decide(id, this.context(), (state, moment) => cancelPublish(wish, state, moment)),
      );
  }

  private react(which: number, id: string, input: PublishInput): Promise<void> {
    return this.by(which, ({ deployer }) => deployer.react(id, input, this.context()));
  }

  /** Brings an event of the log, however old and however often, to one of the replicas. */
  async deliver(back: number, which: number): Promise<void> {
    const event = this.log.events.at(-1 - (back % Math.max(1, this.log.events.length)));
    if (event) await this.bring(event, which);
  }

  /** Brings the oldest events that were not brought yet, as the bus does when nothing is the matter. */
  async deliverNext(which: number, many: number): Promise<void> {
    for (const event of this.log.events.slice(this.delivered, this.delivered + many)) {
      this.delivered += 1;
      await this.bring(event, which + this.delivered);
    }
  }

  async bring(event: RecordedEvent, which: number): Promise<void> {
    const { type, data } = event;
    const input = { type, data };
    if (isInput(input) && input.data.publish_id !== null) return this.react(which, input.data.publish_id, input);
    const handler: ((event: RecordedEvent, which: number) => Promise<void>) | undefined = this.handlers.get(event.type);
    await handler?.(event, which);
  }

  private readonly handlers = new Map<string, (event: RecordedEvent, which: number) => Promise<void>>([
    this.on('ApprovalRequested', (event, which) => this.by(which, ({ approvals }) => approvals.requested(event))),
    this.on('ApprovalVoided', (event, which) => this.by(which, ({ approvals }) => approvals.voided(event))),
    this.on('PublishCancelled', (event, which) => this.by(which, ({ approvals }) => approvals.cancelled(event))),
    this.on('PublishSuperseded', (event, which) => this.by(which, ({ approvals }) => approvals.superseded(event))),
    this.on('ValidationRequested', ({ data: { gate_run_id, subject } }) =>
      this.once(`gaterun-${gate_run_id}`, 'ValidationCompleted', {
        ...{ ...example('ValidationCompleted'), gate_run_id, publish_id: subject.publish_id },
        active_version: this.target.active,
      }),
    ),
    this.on('GatesRequested', ({ data: { gate_run_id, subject } }) =>
      this.once(`gaterun-${gate_run_id}.gates`, 'GatesCompleted', {
        ...{ ...example('GatesCompleted'), gate_run_id, publish_id: subject.publish_id },
      }),
    ),
    this.on('BackupRequested', async ({ data: { backup_id, subject } }) => {
      if (!this.backups.has(backup_id)) this.backups.set(backup_id, this.target.active);
      const active_version = this.backups.get(backup_id) ?? null;
      const taken = { ...example('BackupTaken'), backup_id, publish_id: subject.publish_id, active_version };
      await this.once(`backup-${backup_id}`, 'BackupTaken', taken);
    }),
    this.on('NotificationRequested', ({ data: { notification_id, subject } }) =>
      this.once(`notification-${notification_id}`, 'NotificationAttempted', {
        ...{ ...example('NotificationAttempted'), notification_id, publish_id: subject.publish_id },
      }),
    ),
    this.on('RestoreRequested', async ({ data: { backup_id, subject, fence } }) => {
      if (fence >= this.target.fence)
        Object.assign(this.target, { fence, active: this.backups.get(backup_id) ?? null });
      const active_version = this.backups.get(backup_id) ?? null;
      const restored = { ...example('BackupRestored'), backup_id, publish_id: subject.publish_id, active_version };
      await this.once(`backup-${backup_id}.restore`, 'BackupRestored', restored);
    }),
    this.on('DeploymentRequested', ({ data }, which) => this.effect(which, data, () => this.deployed(data))),
    this.on('ActivationRequested', ({ data }, which) => this.effect(which, data, () => this.activated(data))),
    this.on('VerificationRequested', ({ data: { subject, verifies } }, which) =>
      this.react(which, subject.publish_id, {
        ...{ type: 'Verified', verifies, result: { outcome: 'passed', checks: [], duration_ms: 1 } },
      }),
    ),
  ]);

  private on<Type extends DomainEventType>(
    type: Type,
    handle: (event: RecordedEventOf<Type>, which: number) => Promise<void>,
  ): [string, (event: RecordedEvent, which: number) => Promise<void>] {
    return [type, async (event, which) => (is(type)(event) ? handle(event, which) : undefined)];
  }

  /** What another service answers: the same, however often it is asked. */
  private async once<Type extends DomainEventType>(stream: string, type: Type, data: EventData<Type>): Promise<void> {
    await this.log.append([{ stream, expectedVersion: 0, events: [{ type, data }] }], this.context());
  }

  /** Something is done to the target at one moment, and recorded at a later one, or never. */
  private effect(
    which: number,
    { subject }: Pick<EventData<'DeploymentRequested'>, 'subject'>,
    run: () => PublishInput | null,
  ): Promise<void> {
    return this.by(which, async (replica) => {
      const input = await this.turns.take(replica, async () => run());
      if (input) await replica.deployer.react(subject.publish_id, input, this.context());
    });
  }

  private deployed({ fence }: EventData<'DeploymentRequested'>): PublishInput | null {
    if (fence < this.target.fence) return null;
    this.target.fence = fence;
    const { checksum, counts, duration_ms, log } = example('ArtifactsDeployed');
    return { type: 'Deployed', result: { outcome: 'deployed', checksum, counts, duration_ms, log } };
  }

  private activated({ subject, fence, expected_version }: EventData<'ActivationRequested'>): PublishInput | null {
    if (fence < this.target.fence) return null;
    if (this.target.active !== subject.version) {
      // Versions that are active and not expected are the target's own refusal; here everybody keeps to the product.
      expect(this.target.active).toBe(expected_version);
      Object.assign(this.target, { fence, active: subject.version });
      this.activations += 1;
    }
    const result = { previous_version: expected_version, draining: [], duration_ms: 1, log: [] };
    return { type: 'Activated', result: { outcome: 'activated', ...result } };
  }

  /** Brings every event once more, to all that were interrupted, and lets everything come to rest. */
  async settle(): Promise<void> {
    this.delivered = 0;
    await this.catchUp();
  }

  /** Brings what was not brought yet, and what comes of it, and lets everything come to rest. */
  async catchUp(): Promise<void> {
    while (this.delivered < this.log.events.length || this.turns.length > 0) {
      await this.deliverNext(0, 1);
      await this.rest();
    }
  }

  /** Lets what is under way come to its end, and brings nothing more. */
  async rest(): Promise<void> {
    while (this.turns.length > 0) await this.turns.give(0);
  }
}
