import { reviewIdOf, type EventData, type RecordedEvent, type RecordedEventOf, type VersionEvent } from '@m3/contracts';
import type { Refusal } from '@m3/decider';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { Decided, StreamStates } from '@m3/process';
import { declaring, reviewRefusal } from '../domain/emergency.js';
import { requestPublish, type RequestPublish, type VersionState } from '../domain/version.js';
import { versionStream } from './tag-version.js';

/** More conflicts in a row than operators could cause. */
const maxAttempts = 20;

/**
 * Sets off an emergency publish: its trigger and its place among the emergencies on the target are one append, so that
 * two that come at once cannot both follow on the same review.
 */
export class DeclareEmergency {
  constructor(
    private readonly store: EventStore,
    private readonly states: StreamStates<VersionState, VersionEvent>,
  ) {}

  async declare(
    version: { readonly project: string; readonly version: string },
    request: RequestPublish,
    context: AppendContext,
  ): Promise<Decided<VersionState>> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const declared = await this.tryOnce(version, request, context);
      if (declared !== null) return declared;
    }
    throw new Error(`emergency on ${request.target.target_id}: ${maxAttempts} version conflicts in a row`);
  }

  /** Null: another writer came first. */
  private async tryOnce(
    { project, version }: { readonly project: string; readonly version: string },
    request: RequestPublish,
    context: AppendContext,
  ): Promise<Decided<VersionState> | null> {
    const current = await this.states.reload(versionStream(project, version));
    const { state } = current;
    const decision = requestPublish(request, state);
    if (decision.outcome === 'rejected') return { ...decision, state };
    if (decision.events.length === 0) return { outcome: 'accepted', state, events: [] };
    const stream = `emergency-${request.target.target_id}`;
    const before = await this.store.readStream(stream);
    const refusal = await this.openReview(before.findLast(isDeclared)?.data);
    if (refusal) return { outcome: 'rejected', rejection: refusal, state };
    const writes = [
      { stream: current.stream, expectedVersion: current.version, events: decision.events },
      { stream, expectedVersion: before.length, events: [declaring(request, project, version)] },
    ];
    const result = await this.store.append(writes, context);
    if (result.outcome === 'conflict') return null;
    this.states.appended(current, result.events);
    return { outcome: 'accepted', state: (await this.states.load(current.stream)).state, events: result.events };
  }

  private async openReview(last: EventData<'EmergencyDeclared'> | undefined): Promise<Refusal | null> {
    if (last === undefined) return null;
    const streams = [`publish-${last.publish_id}`, `review-${reviewIdOf(last.publish_id)}`];
    const [publish = [], review = []] = await Promise.all(streams.map((stream) => this.store.readStream(stream)));
    return reviewRefusal(last, { publish: typesIn(publish), review: typesIn(review) })?.rejection ?? null;
  }
}

const typesIn = (events: readonly RecordedEvent[]): ReadonlySet<string> => new Set(events.map(({ type }) => type));

function isDeclared(event: { readonly type: string }): event is RecordedEventOf<'EmergencyDeclared'> {
  return event.type === 'EmergencyDeclared';
}
