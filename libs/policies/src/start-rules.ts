import type { EventData, FreezeScope, Promotion, PublishWindow, ShownTrigger, StartBlock } from '@m3/contracts';
import { freezeAt, latest, minutesAfter, windowState, type Span } from './calendar.js';

/** What a publish is, as far as its start depends on it. */
export interface StartingPublish {
  readonly project: string;
  readonly version: string;
  readonly trigger: ShownTrigger;
}

/** What stands in the way of automatic publishes to a target. */
export interface Hold {
  readonly reason: string;
  readonly since: string;
  /** Versions that were rolled back from. */
  readonly vetoed: readonly { readonly project: string; readonly version: string }[];
}

/** What a target says about starts, as it stands now. */
export interface TargetRules {
  readonly target_id: string;
  readonly environment: string;
  readonly enabled: boolean;
  /** When it was disabled; null when it is enabled, or was created so. */
  readonly disabledSince: string | null;
  readonly hold: Hold | null;
  readonly windows: readonly PublishWindow[];
  readonly promotion: Promotion | null;
  readonly overrideRoles: readonly string[];
}

/** A freeze that was declared and not lifted. */
export type Freeze = Pick<EventData<'FreezeDeclared'>, 'freeze_id' | 'scope' | 'period' | 'reason' | 'override_roles'>;

/** What became of the version on the target that it is promoted from. */
export interface PromotionFacts {
  /** Null: there is no target of that name. */
  readonly target_id: string | null;
  /** Since when the version has been good there, without a rollback after; null: it is not. */
  readonly succeededAt: string | null;
}

/** What was overridden for a publish: the windows, and the freezes of these ids. */
export interface Overridden {
  readonly windows: boolean;
  readonly freezes: readonly string[];
}
export const nothingOverridden: Overridden = { windows: false, freezes: [] };

/** All that a start depends on. */
export interface StartFacts {
  readonly publish: StartingPublish;
  readonly target: TargetRules;
  readonly freezes: readonly Freeze[];
  /** Needed only if the target has a promotion rule. */
  readonly promotion: PromotionFacts;
  readonly overridden: Overridden;
}

/** What holds a publish up, and when it can start at the earliest; null: nobody but a person or another publish can tell. */
export interface Judgement {
  readonly blocks: readonly StartBlock[];
  readonly earliestStart: string | null;
}

/** Who may override where a target says nothing. */
export const defaultOverrideRoles: readonly string[] = ['admin'];
/** Who may hold, release, enable and disable targets. */
export const targetManagers: readonly string[] = ['admin', 'maintainer'];
/** Windows and freezes can chase each other: so many turns are followed. */
const mostTurns = 1_000;

/** Every rule that keeps a publish from starting at a time, and its earliest start. */
export function judgeStart(facts: StartFacts, now: string): Judgement {
  const blocks = startBlocks(facts, now);
  return { blocks, earliestStart: earliestStart(facts, now) };
}

/** Every rule that keeps a publish from starting at a time; none: it may start. */
export function startBlocks(facts: StartFacts, at: string): readonly StartBlock[] {
  return [
    ...disabledBlocks(facts),
    ...holdBlocks(facts),
    ...promotionBlocks(facts, at),
    ...freezeBlocks(facts, at),
    ...windowBlocks(facts, at),
  ];
}

/** The first time from `now` on at which nothing stands in the way, as far as can be told now. */
export function earliestStart(facts: StartFacts, now: string): string | null {
  let at = now;
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const ends = startBlocks(facts, at).map(({ until }) => until);
    const known = ends.flatMap((until) => until ?? []);
    if (known.length < ends.length) return null;
    const next = latest(known);
    if (next === null) return at;
    at = next;
  }
  return null;
}

/** What a waiting publish is shown as: what only a person can end comes before what the clock ends. */
export function waitingStatus(
  blocks: readonly StartBlock[],
): 'waiting_for_release' | 'waiting_for_window' | 'waiting_for_promotion' {
  const kinds = new Set(blocks.map(({ kind }) => kind));
  if (kinds.has('hold') || kinds.has('veto')) return 'waiting_for_release';
  return kinds.has('window') || kinds.has('freeze') || kinds.has('disabled')
    ? 'waiting_for_window'
    : 'waiting_for_promotion';
}

/** Automatic publishes stop at holds, and a newer one goes in the stead of an older one. */
export function isAutomatic(trigger: ShownTrigger): boolean {
  return trigger === 'tag' || trigger === 'schedule';
}

/** Blocks that an override lifts: those of the calendar. */
export type OverridableBlock = Extract<StartBlock, { kind: 'window' | 'freeze' }>;
export const isOverridable = (block: StartBlock): block is OverridableBlock =>
  block.kind === 'window' || block.kind === 'freeze';

/** What these roles cannot override; none: the publish may start despite all of these blocks. */
export function notOverridable(blocks: readonly StartBlock[], roles: readonly string[]): readonly StartBlock[] {
  return blocks.filter((block) => !isOverridable(block) || !block.unblocked_by.some((role) => roles.includes(role)));
}

/** What is overridden once these blocks are, too. A freeze that is declared later is not among them. */
export function alsoOverridden({ windows, freezes }: Overridden, blocks: readonly StartBlock[]): Overridden {
  const more = blocks.flatMap((block) => (block.kind === 'freeze' ? [block.freeze_id] : []));
  return {
    windows: windows || blocks.some(({ kind }) => kind === 'window'),
    freezes: [...new Set([...freezes, ...more])],
  };
}

/** Whether a freeze concerns a target. */
export function concerns(scope: FreezeScope, target: Pick<TargetRules, 'target_id' | 'environment'>): boolean {
  if (scope.kind === 'global') return true;
  return scope.kind === 'environment' ? scope.environment === target.environment : scope.target_id === target.target_id;
}

function disabledBlocks({ target: { enabled, disabledSince } }: StartFacts): StartBlock[] {
  if (enabled) return [];
  return [{ kind: 'disabled', since: disabledSince, until: null, unblocked_by: [...targetManagers] }];
}

function holdBlocks({ publish, target: { hold } }: StartFacts): StartBlock[] {
  if (hold === null || !isAutomatic(publish.trigger)) return [];
  const { project, version } = publish;
  const common = { since: hold.since, until: null, unblocked_by: [...targetManagers] };
  const vetoed = hold.vetoed.some((each) => each.project === project && each.version === version);
  return [
    { kind: 'hold', reason: hold.reason, ...common },
    ...(vetoed ? [{ kind: 'veto', project, version, ...common } as const] : []),
  ];
}

function promotionBlocks({ target: { promotion }, promotion: facts }: StartFacts, at: string): StartBlock[] {
  if (promotion === null) return [];
  const { target_id } = facts;
  const waits = (state: PromotionBlock['state'], span: Span | null = null): PromotionBlock[] => [
    { kind: 'promotion', ...promotion, target_id, state, since: null, until: null, ...span, unblocked_by: [] },
  ];
  if (target_id === null) return waits('no_such_target');
  if (facts.succeededAt === null) return waits('not_succeeded');
  const until = minutesAfter(facts.succeededAt, promotion.soak_minutes ?? 0);
  return Date.parse(until) <= Date.parse(at) ? [] : waits('soaking', { since: facts.succeededAt, until });
}

type PromotionBlock = Extract<StartBlock, { kind: 'promotion' }>;

function freezeBlocks({ target, freezes, overridden }: StartFacts, at: string): StartBlock[] {
  return freezes.flatMap(({ freeze_id, scope, period, reason, override_roles }) => {
    if (!concerns(scope, target) || overridden.freezes.includes(freeze_id)) return [];
    const inForce = freezeAt(period, at);
    if (inForce === null) return [];
    return [{ kind: 'freeze', freeze_id, scope, reason, ...inForce, unblocked_by: [...override_roles] } as const];
  });
}

function windowBlocks({ target: { windows, overrideRoles }, overridden }: StartFacts, at: string): StartBlock[] {
  const state = windowState(windows, at);
  if (state.open || overridden.windows) return [];
  return [{ kind: 'window', since: null, until: state.opensAt, unblocked_by: [...overrideRoles] }];
}
