import {
  EventRegistry,
  eventCatalogue,
  publishEvents,
  slotEvents,
  type DomainEventType,
  type PublishEvent,
  type RecordedEvent,
  type RecordedEventOf,
  type SlotEvent,
} from '@m3/contracts';
import { MemoryEventStore, type AppendContext, type AppendResult, type StreamWrite } from '@m3/event-store';
import { eventsIn } from '@m3/process';
import { approvedDigest } from '../../services/deployer/src/domain/publish.approval.js';
import { evolvePublish } from '../../services/deployer/src/domain/publish.evolve.js';
import { initialPublish, type PublishState } from '../../services/deployer/src/domain/publish.state.js';
import { evolveSlot, fenceOf, initialSlot, type SlotState } from '../../services/deployer/src/domain/slot.js';

export const quorum = 2;
export const approvers = ['alice', 'bob', 'carol'];

const isPublishEvent = eventsIn<PublishEvent>(publishEvents);
const isSlotEvent = eventsIn<SlotEvent>(slotEvents);

/** Narrows an event of the log. */
export const is =
  <Type extends DomainEventType>(type: Type) =>
  (event: RecordedEvent): event is RecordedEventOf<Type> =>
    event.type === type;

/** The one log of all processes. Every append is looked at as it happens: what must not be is seen at once. */
export class CheckedLog extends MemoryEventStore {
  readonly events: RecordedEvent[] = [];
  readonly publishes = new Map<string, PublishState>();
  conflicts = 0;
  private slots: SlotState = initialSlot;

  constructor() {
    super(new EventRegistry(eventCatalogue));
  }

  override async append(writes: readonly StreamWrite[], context: AppendContext): Promise<AppendResult> {
    const result = await super.append(writes, context);
    if (result.outcome === 'conflict') this.conflicts += 1;
    else this.take(result.events);
    return result;
  }

  of<Type extends DomainEventType>(type: Type, stream?: string): readonly RecordedEventOf<Type>[] {
    return this.events.filter(is(type)).filter((event) => stream === undefined || event.stream === stream);
  }

  private take(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      if (is('DeploymentRequested')(event)) this.checkDeployment(event);
      if (is('BackupRequested')(event)) this.checkStart(event);
      this.events.push(event);
      const { stream, type, data } = event;
      const plain = { type, data };
      if (isPublishEvent(plain)) this.publishes.set(stream, evolvePublish(this.stateOf(stream), plain));
      if (isSlotEvent(plain)) this.slots = evolveSlot(this.slots, plain);
    }
    for (const event of events) if (is('ApprovalGranted')(event)) this.checkGrant(event);
    this.checkSlots();
  }

  stateOf(stream: string): PublishState {
    return this.publishes.get(stream) ?? initialPublish;
  }

  /** Approvals that may be voted on. */
  get open(): readonly string[] {
    const ended = this.events.filter(({ type }) => endings.has(type)).map(({ stream }) => stream);
    const opened = this.of('ApprovalOpened').filter(({ stream }) => !ended.includes(stream));
    return opened.map(({ data }) => data.approval_id);
  }

  /** Whose approval stands. */
  standing(approvalId: string): readonly string[] {
    return [...standingIn(this.events.filter(({ stream }) => stream === `approval-${approvalId}`))];
  }

  /** The roles that somebody was last seen with. */
  rolesOf(person: string): readonly string[] {
    return this.of('RolesSeen', `person-${person}`).at(-1)?.data.roles ?? [];
  }

  /** Grants that their publishes have not taken in yet. */
  get unheard(): readonly RecordedEventOf<'ApprovalGranted'>[] {
    return this.of('ApprovalGranted').filter(({ data }) => {
      const state = this.stateOf(`publish-${data.publish_id}`);
      return state.status === 'awaiting_approval' && state.approval_id === data.approval_id;
    });
  }

  /** Freezes that were declared and not lifted. */
  get freezes(): readonly string[] {
    const lifted = this.of('FreezeLifted').map(({ data }) => data.freeze_id);
    const declared = this.of('FreezeDeclared').map(({ data }) => data.freeze_id);
    return declared.filter((each) => !lifted.includes(each));
  }

  /** Nothing that waits for people, or for the end of a freeze, holds a slot. */
  private checkSlots(): void {
    for (const [stream, { status }] of this.publishes) {
      const fence = fenceOf(this.slots, stream.slice('publish-'.length));
      const waits = status === 'awaiting_approval' || status === 'waiting_to_start';
      if (waits && fence !== null) throw new Error(`${stream} is ${status} with a slot`);
    }
    expect(this.slots.holders.length).toBeLessThanOrEqual(1);
  }

  /** Whoever is counted has a vote that stands, is named, and is not known to have lost the role. */
  private checkGrant({ stream, data }: RecordedEventOf<'ApprovalGranted'>): void {
    const voters = new Set(data.approved_by);
    expect(voters.size).toBeGreaterThanOrEqual(quorum);
    expect([...voters].filter((person) => !approvers.includes(person))).toEqual([]);
    const standing = standingIn(this.events.filter((event) => event.stream === stream));
    expect([...voters].filter((person) => !standing.has(person))).toEqual([]);
    for (const person of voters) {
      expect({ person, mayDecide: this.rolesOf(person).includes('approver') }).toEqual({ person, mayDecide: true });
    }
  }

  /** A publish takes its slot only with the configuration that is in force at that moment, and in no freeze. */
  private checkStart({ stream }: RecordedEventOf<'BackupRequested'>): void {
    const state = this.stateOf(stream);
    const inForce = this.events.findLast((event) => event.category === 'target');
    if (state.status === 'absent' || inForce === undefined) throw new Error('started what nobody asked for');
    expect(inForce.data).toMatchObject({ config_digest: state.request.target.config_digest });
    expect(this.freezes).toEqual([]);
  }

  /** Exactly what is deployed was approved by a grant that stands for the approval asked for last. */
  private checkDeployment({ stream, data }: RecordedEventOf<'DeploymentRequested'>): void {
    const state = this.stateOf(stream);
    if (state.status === 'absent') throw new Error('deployed what nobody asked for');
    const judged = this.of('GatesRequested', stream).at(-1);
    expect(judged?.data).toMatchObject({ thresholds: state.request.target.thresholds });
    const asked = this.of('ApprovalRequested', stream).at(-1)?.data.approval_id ?? '';
    const [grant] = this.of('ApprovalGranted', `approval-${asked}`);
    if (!grant) throw new Error(`${stream} is deployed without a grant`);
    expect(grant.data.approved_digest).toBe(data.deployed_digest);
    expect(data.deployed_digest).toBe(approvedDigest(state.request, data.expected_version));
  }
}

const endings = new Set(['ApprovalGranted', 'ApprovalRejected', 'ApprovalClosed']);

function standingIn(history: readonly RecordedEvent[]): ReadonlySet<string> {
  const standing = new Set<string>();
  for (const event of history) {
    if (is('ApprovalVoted')(event) && event.data.decision === 'approve') standing.add(event.data.by);
    if (is('ApprovalVoteWithdrawn')(event)) standing.delete(event.data.by);
  }
  return standing;
}
