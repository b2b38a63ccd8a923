import type { Evidence, LoggedEvent, Violation } from './evidence.js';
import { publishOf, text } from './log-of.js';
import { wrongWith } from './whole-target.js';

/** No look at a target, at any time, saw half a version. */
export function neverHalf({ sightings, contents, artifactsOf }: Evidence): readonly Violation[] {
  const rule = 'no target is half-changed';
  const seen = sightings.flatMap(({ target, at, wrong }) => wrong.map((each) => `${target} at ${at}: ${each}`));
  const atRest = [...contents].flatMap(([target, held]) =>
    wrongWith(held, artifactsOf, false).map((each) => `${target} at rest: ${each}`),
  );
  return [...seen, ...atRest].map((each) => ({ rule, text: each }));
}

/** What is active on a target, and shown as active, is what the log says; and nothing is left of what never became active. */
export function activeAsLogged({ events, targets, contents }: Evidence): readonly Violation[] {
  const rule = 'active as logged';
  return targets.flatMap(({ target_id, name, active: shown }) => {
    const about = events.filter((event) => targetOf(event) === target_id);
    const logged = about.reduce(activeAfter, null);
    const held = contents.get(name);
    if (held === undefined) return [{ rule, text: `${name} could not be looked at` }];
    const mayRemain = [...about.filter(({ type }) => servesFrom.includes(type)), ...notUndone(about)].map(versionOf);
    const remains = held.releases.filter((version) => !mayRemain.includes(version));
    return [
      ...(held.active === logged ? [] : [`${name} has ${named(held.active)}, the log says ${named(logged)}`]),
      ...(shown === logged ? [] : [`${name} is shown with ${named(shown)}, the log says ${named(logged)}`]),
      ...(remains.length === 0 ? [] : [`${name} still holds ${remains.join(', ')}, which never became active there`]),
    ].map((each) => ({ rule, text: each }));
  });
}

/** What was written by publishes that could not be undone: people were told to do it by hand. */
function notUndone(about: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const failed = new Set(about.filter(({ type }) => type === 'PublishRollbackFailed').map(publishOf));
  return about.filter((event) => event.type === 'DeploymentRequested' && failed.has(publishOf(event)));
}

/** Nobody ever saw a version active that was not asked for by then; a look comes after the event that it can see. */
export function onlyAskedForIsSeen({ events, targets, sightings }: Evidence): readonly Violation[] {
  const idOf = new Map(targets.map(({ name, target_id }) => [name, target_id]));
  return sightings.flatMap(({ target, active, served, at }) => {
    const asked = (version: string, types: readonly string[]) =>
      events.some(
        (event) => types.includes(event.type) && targetOf(event) === idOf.get(target) && versionOf(event) === version,
      );
    const unasked = active !== null && !asked(active, ['ActivationRequested']) ? [active] : [];
    const others = served.filter((version) => version !== active && !asked(version, ['TrafficShiftRequested']));
    return [...unasked, ...others].map((version) => ({
      rule: 'active as logged',
      text: `${target} had ${version} at ${at}, for which nobody asked`,
    }));
  });
}

/** From these on a version gets executions, and stays on its target. */
const servesFrom = ['ActivationRequested', 'TrafficShiftRequested'];

function activeAfter(active: string | null, event: LoggedEvent): string | null {
  if (event.type === 'VersionActivated' || event.type === 'VersionReactivated') return text(event, 'version');
  if (event.type === 'TargetStateFound') return activeFound(event, active);
  if (event.type === 'BackupRestored' || event.type === 'TargetRestoredByHand') return text(event, 'active_version');
  return active;
}

/** What a target said that was asked; one that gave no answer changes nothing. */
function activeFound({ data: { found } }: LoggedEvent, before: string | null): string | null {
  if (typeof found !== 'object' || found === null || !('active_version' in found)) return before;
  return typeof found.active_version === 'string' ? found.active_version : null;
}

function subjectOf({ data }: LoggedEvent): Readonly<Record<string, unknown>> {
  const { subject } = data;
  return typeof subject === 'object' && subject !== null ? { ...subject } : {};
}

function targetOf(event: LoggedEvent): string | null {
  const { target_id } = subjectOf(event);
  return text(event, 'target_id') ?? (typeof target_id === 'string' ? target_id : null);
}

function versionOf(event: LoggedEvent): string | null {
  const { version } = subjectOf(event);
  return text(event, 'version') ?? (typeof version === 'string' ? version : null);
}

const named = (version: string | null): string => version ?? 'nothing';
