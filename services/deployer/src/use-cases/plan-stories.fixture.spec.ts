import type { Bundle } from '@m3/artifacts';
import type { Caller, EventData, StoredTargetDocument } from '@m3/contracts';
import fc from 'fast-check';

/** Situations in which a publish may be planned, of everything that a plan depends on. */

export interface Release {
  readonly project: string;
  readonly version: string;
  readonly bundle: Bundle;
}

export interface Story {
  readonly document: Partial<StoredTargetDocument>;
  readonly held: boolean;
  /** Whether the target's database answers when it is asked. */
  readonly answers: boolean;
  readonly gateway: 'well' | 'full' | 'too_old' | 'away';
  /** Whether the service of the checks answers when it is asked for the plan. */
  readonly checksAnswer: boolean;
  /** How the version fares on the target that it would be promoted from. */
  readonly promoted: 'no_such_target' | 'not_succeeded' | 'soaking' | 'proven' | 'rolled_back';
  readonly active: Release | null;
  readonly release: Release;
  readonly isTagged: boolean;
  readonly taggedBy: string;
  readonly freezes: readonly Pick<EventData<'FreezeDeclared'>, 'scope' | 'period' | 'override_roles'>[];
  /** Publishes that hold a slot of the target or wait for one. */
  readonly busy: number;
  /** Whether an older publish waits for its approval. */
  readonly olderWaits: boolean;
  readonly caller: Caller;
  readonly reason: string | null;
  readonly override_reason: string | null;
  readonly allow_older: boolean;
}

const names = ['one', 'two', 'three'] as const;
type Chosen = Readonly<Record<(typeof names)[number], string | null>>;
const variant = fc.option(fc.constantFrom('a', 'b'), { nil: null, freq: 3 });
const chosen: fc.Arbitrary<Chosen> = fc.record({ one: variant, two: variant, three: variant });
const node = { task_id: '01890a5d-ac96-774b-bcce-b302099a8057', dependencies: [], node_type: 'COMPUTE' };

function present<Artifact>(choice: Chosen, make: (name: string, text: string) => Artifact): Artifact[] {
  return names.flatMap((name) => {
    const text = choice[name];
    return text === null ? [] : [make(name, text)];
  });
}

const bundle: fc.Arbitrary<Bundle> = fc
  .record({ workflows: chosen, agents: chosen, processors: chosen })
  .map(({ workflows, agents, processors }) => ({
    workflows: present(workflows, (name, text) => ({ name, plan: { nodes: [{ ...node, query_str: text }] } })),
    agents: present(agents, (name, text) => ({ name, system_message: text })),
    processors: present(processors, (name, text) => ({ name, config_snapshot: { text } })),
    tests: [],
  }));

const version = fc.constantFrom('v1.0.0', 'v1.1.0', 'v2.0.0-rc.1', 'v2.0.0');
const mostly = fc.constantFrom(true, true, true, true, true, true, true, false);
const maybe = <Value>(...values: Value[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

type Strategy = Pick<StoredTargetDocument, 'deployment_strategy' | 'blue_green' | 'canary'>;

const document = fc
  .record({
    type: fc.constantFrom('auto_deploy' as const, 'manual_approval' as const, 'emergency' as const),
    enabled: mostly,
    allowed_roles: maybe(['admin'], ['maintainer'], ['admin', 'maintainer']),
    override_roles: maybe(['maintainer'], ['admin']),
    allowed_approvers: maybe(['ann', 'alice', 'tina'], ['ann', 'tina'], ['alice', 'bob']),
    min_approvals: fc.integer({ min: 0, max: 2 }),
    allow_self_approval: fc.boolean(),
    promotion: fc.constantFrom(
      undefined,
      undefined,
      undefined,
      { from: 'Staging', soak_minutes: 60 },
      { from: 'Staging' },
    ),
    windows: maybe('0 2 * * 2', '0 * * * *', '0 4 19 3 *'),
    max_concurrent_deployments: fc.integer({ min: 1, max: 2 }),
    gates: maybe({ p95_ms: 100 }, { integration: 'required' as const, performance: {} }),
    strategy: fc.constantFrom<Strategy>(
      {},
      {},
      { deployment_strategy: 'all_at_once' },
      { deployment_strategy: 'blue_green', blue_green: { switch_after_seconds: 60 } },
      { deployment_strategy: 'canary', canary: { min_requests: 200 } },
    ),
  })
  .map((chosen): Partial<StoredTargetDocument> => {
    const { type, enabled, windows, max_concurrent_deployments, min_approvals, allow_self_approval } = chosen;
    const { allowed_roles, override_roles, allowed_approvers, gates, promotion, strategy } = chosen;
    return {
      ...{ type, enabled, deployment: { max_concurrent_deployments }, ...strategy },
      access: { ...(allowed_roles && { allowed_roles }), ...(override_roles && { override_roles }) },
      approvals: { min_approvals, allow_self_approval, ...(allowed_approvers && { allowed_approvers }) },
      ...{ ...(gates && { gates }), ...(promotion && { promotion }) },
      ...(windows && { windows: [{ cron: windows, duration_minutes: 60, timezone: 'UTC' }] }),
    };
  });

const freeze: fc.Arbitrary<Story['freezes'][number]> = fc.record({
  scope: fc.constantFrom(
    { kind: 'global' as const },
    { kind: 'environment' as const, environment: 'production' },
    { kind: 'environment' as const, environment: 'elsewhere' },
  ),
  period: fc.constantFrom(
    { from: '2026-03-01T00:00:00.000Z', to: '2026-03-20T00:00:00.000Z' },
    { from: '2026-03-01T00:00:00.000Z', to: null },
    { from: '2026-04-01T00:00:00.000Z', to: null },
  ),
  override_roles: fc.constantFrom(['admin'], ['maintainer']),
});

const project = fc.constantFrom('invoices', 'invoices', 'contracts');
const release = fc.record({ project: fc.constant('invoices'), version, bundle });

export const story: fc.Arbitrary<Story> = fc
  .record({
    document,
    ...{ held: fc.boolean(), answers: mostly, isTagged: mostly, olderWaits: fc.boolean(), checksAnswer: mostly },
    gateway: mostly.chain((well): fc.Arbitrary<Story['gateway']> =>
      well ? fc.constant('well') : fc.constantFrom('full', 'too_old', 'away'),
    ),
    promoted: fc.constantFrom('no_such_target', 'not_succeeded', 'soaking', 'proven', 'proven', 'rolled_back'),
    active: fc.option(fc.record({ project, version, bundle }), { nil: null, freq: 5 }),
    release,
    taggedBy: fc.constantFrom('ann', 'tina'),
    freezes: fc.array(freeze, { maxLength: 2 }),
    busy: fc.constantFrom(0, 0, 0, 1, 2),
    caller: fc.record({
      id: fc.constant('ann'),
      roles: fc.constantFrom<Caller['roles']>(['admin'], ['maintainer'], ['admin', 'maintainer']),
    }),
    reason: fc.constantFrom(null, 'it is urgent'),
    override_reason: fc.constantFrom(null, 'outage'),
    allow_older: fc.boolean(),
  })
  .map((told) => ({ ...told, release: sameWhereItHasToBe(told.release, told.active) }));

/** A version of a project has one content for ever. */
function sameWhereItHasToBe(wanted: Release, active: Release | null): Release {
  return active?.project === wanted.project && active.version === wanted.version ? active : wanted;
}
