import { newId, versionEvents, type CommandPayload, type VersionEvent } from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import { publishRefusals, snapshotOf } from '@m3/policies';
import { decideAndAppend, eventsIn, StreamStates, type Decided } from '@m3/process';
import type { CommandOutcome } from '@m3/service-kit';
import { retryable } from '../domain/retry.js';
import {
  evolveVersion,
  initialVersion,
  requestPublish,
  triggeredPublish,
  triggerKey,
  type RequestPublish,
  type VersionState,
} from '../domain/version.js';
import { DeclareEmergency } from './declare-emergency.js';
import { versionStream } from './tag-version.js';
import type { TargetRegistry } from './target-registry.js';

/** Sets off a publish that an operator asks for. */
export class PublishOnRequest {
  private readonly states: StreamStates<VersionState, VersionEvent>;
  private readonly emergencies: DeclareEmergency;

  constructor(
    private readonly store: EventStore,
    private readonly registry: TargetRegistry,
  ) {
    this.states = new StreamStates(store, {
      initial: initialVersion,
      evolve: evolveVersion,
      accepts: eventsIn<VersionEvent>(versionEvents),
    });
    this.emergencies = new DeclareEmergency(store, this.states);
  }

  /** Does again what a publish did: a new one, linked to it, with the target as it is configured now. */
  async retry(
    command: CommandPayload<'targets.retry'>,
    context: AppendContext,
  ): Promise<CommandOutcome<'targets.retry'>> {
    const { publish_id: retry_of, command_id, caller } = command;
    const decision = retryable(await this.store.readStream(`publish-${retry_of}`));
    if (decision.outcome === 'rejected') return decision;
    const [before] = decision.events;
    if (before === undefined) throw new Error('what may be retried was asked for');
    const { project, version, target, allow_older } = before;
    const { target_id } = target;
    const reason = command.reason ?? before.reason;
    const asked = { command_id, caller, project, version, target_id, reason, allow_older };
    const outcome = await this.request(asked, context, retry_of);
    if (outcome.outcome === 'rejected') return outcome;
    return { outcome: 'accepted', result: { ...outcome.result, retry_of } };
  }

  async request(
    command: CommandPayload<'targets.publish'>,
    context: AppendContext,
    retryOf?: string,
  ): Promise<CommandOutcome<'targets.publish'>> {
    const { project, version, target_id, reason, allow_older, override_reason, command_id, caller } = command;
    const target = await this.registry.get(target_id);
    if (!target)
      return {
        outcome: 'rejected',
        rejection: { code: 'target_not_found', detail: 'there is no such target', field: 'target_id' },
      };
    const [refusal] = publishRefusals(target, { caller, reason });
    if (refusal) return { outcome: 'rejected', rejection: refusal };
    const request = {
      publishId: newId('publish'),
      commandId: command_id,
      requestedBy: caller.id,
      reason,
      allowOlder: allow_older,
      ...(override_reason ? { override: { reason: override_reason, roles: [...caller.roles] } } : {}),
      ...(retryOf === undefined ? {} : { retryOf }),
      target: snapshotOf(target),
    };
    const decided = await this.decide({ project, version }, request, context);
    if (decided.outcome === 'rejected') return decided;
    const publish_id = triggeredPublish(decided.state, triggerKey(target_id, command_id)) ?? request.publishId;
    return { outcome: 'accepted', result: { publish_id } };
  }

  private decide(
    { project, version }: Pick<CommandPayload<'targets.publish'>, 'project' | 'version'>,
    request: RequestPublish,
    context: AppendContext,
  ): Promise<Decided<VersionState>> {
    if (request.target.type === 'emergency') return this.emergencies.declare({ project, version }, request, context);
    return decideAndAppend({
      ...{ store: this.store, states: this.states, stream: versionStream(project, version), context },
      decide: (state) => requestPublish(request, state),
    });
  }
}
