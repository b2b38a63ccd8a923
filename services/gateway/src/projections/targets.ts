import type { ActiveVersion, EventData, ReportedHealth, StoredTargetDocument, TargetStatus } from '@m3/contracts';
import { idIn, type LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

/** What the read model keeps of a target. */
export interface TargetRow {
  readonly target_id: string;
  readonly document: StoredTargetDocument;
  readonly database: { readonly host: string; readonly port: number; readonly name: string };
  readonly config_digest: string;
  readonly revision: number;
  readonly created_at: string;
  readonly changed_at: string;
  readonly enabled: boolean;
  readonly hold: { readonly reason: string; readonly by: string; readonly since: string } | null;
  /** Absent or null: nothing was reported, so it counts as healthy. */
  readonly health?: ReportedHealth | null;
  readonly active: ActiveVersion | null;
  /** What was active before; comes back when a publish is rolled back. */
  readonly previous: ActiveVersion | null;
}

export function targetStatus({ enabled, hold, health }: Pick<TargetRow, 'enabled' | 'hold' | 'health'>): TargetStatus {
  if (hold) return 'held';
  if (!enabled) return 'inactive';
  return health?.status === 'unhealthy' ? 'unhealthy' : 'active';
}

export const targets: Projection<TargetRow> = {
  table: 'target',
  keyOf: (event) => idIn(event.data, 'target_id'),
  begins: {
    TargetCreated: (event) => ({
      ...configured(event, true),
      created_at: event.metadata.occurredAt,
      hold: null,
      health: null,
      active: null,
      previous: null,
    }),
  },
  changes: {
    TargetChanged: (target, event) => ({ ...target, ...configured(event, target.enabled) }),
    TargetEnabled: (target, event) => ({ ...target, ...revised(event), enabled: true }),
    TargetDisabled: (target, event) => ({ ...target, ...revised(event), enabled: false }),
    TargetHeld: (target, event) => {
      const { actor, occurredAt } = event.metadata;
      return { ...target, ...revised(event), hold: { reason: event.data.reason, by: actor.id, since: occurredAt } };
    },
    TargetReleased: (target, event) => ({ ...target, ...revised(event), hold: null }),
    TargetHealthChanged: (target, { data, metadata }) => ({
      ...target,
      health: { status: data.health, reason: data.reason, since: metadata.occurredAt },
    }),
    VersionActivated: (target, event) => {
      const { project, version, previous_version, publish_id } = event.data;
      const active = { project, version, previous_version, publish_id, since: event.metadata.occurredAt };
      return { ...target, active, previous: target.active };
    },
    VersionReactivated: (target, event) => {
      const { project, version, previous_version, publish_id } = event.data;
      const active = { project, version, previous_version, publish_id, since: event.metadata.occurredAt };
      return { ...target, active, previous: null };
    },
    TargetRestoredByHand: (target, event) => ({
      ...target,
      active: restoredByHand(event),
      previous: null,
    }),
    PublishRolledBack: (target, event) =>
      neverActivated(target, event.data)
        ? target
        : { ...target, active: restored(target, event.data, event.metadata.occurredAt), previous: null },
  },
  columns: (target) => ({
    name: target.document.name,
    environment: target.document.environment,
    status: targetStatus(target),
    active_project: target.active?.project ?? null,
    active_version: target.active?.version ?? null,
  }),
};

/** A document that does not say whether the target is enabled leaves that as it is. */
function configured(event: LogEntry<'TargetCreated' | 'TargetChanged'>, before: boolean) {
  const { target_id, document, address, config_digest } = event.data;
  const enabled = document.enabled ?? before;
  return { target_id, document, database: address.database, config_digest, enabled, ...revised(event) };
}

function revised(event: LogEntry) {
  return { revision: event.streamVersion, changed_at: event.metadata.occurredAt };
}

function restoredByHand({ data, metadata }: LogEntry<'TargetRestoredByHand'>): ActiveVersion | null {
  const { project, active_version, previous_version, publish_id } = data;
  if (project === null || active_version === null) return null;
  return { project, version: active_version, previous_version, publish_id, since: metadata.occurredAt };
}

/** A version that had a share of the traffic only: what was active has been so all the time. */
function neverActivated(
  { active }: TargetRow,
  { restored_version, publish_id }: EventData<'PublishRolledBack'>,
): boolean {
  return active !== null && active.version === restored_version && active.publish_id !== publish_id;
}

/** The version that a rollback brought back. The event names just the version; whose it is, is known from before. */
function restored(target: TargetRow, rollback: EventData<'PublishRolledBack'>, at: string): ActiveVersion | null {
  const { restored_version, publish_id } = rollback;
  if (restored_version === null) return null;
  const before = [target.previous, target.active].find((known) => known?.version === restored_version);
  if (before) return { ...before, since: at };
  const project = target.previous?.project ?? target.active?.project;
  if (project === undefined) return null;
  return { project, version: restored_version, previous_version: null, publish_id, since: at };
}
