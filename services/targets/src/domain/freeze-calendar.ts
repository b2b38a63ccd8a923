import type { EventData, FreezeEvent, FreezePeriod, FreezeScope } from '@m3/contracts';
import { accept, assertNever, reject, type Decision, type Refusal } from '@m3/decider';
import { cronFault, defaultOverrideRoles } from '@m3/policies';
import { isRole, knownRoles } from './roles.js';

export type DeclaredFreeze = EventData<'FreezeDeclared'>;

/** All freezes that were ever declared, and those of them that were lifted. */
export interface FreezeCalendar {
  readonly declared: readonly DeclaredFreeze[];
  readonly lifted: ReadonlySet<string>;
}

export const emptyCalendar: FreezeCalendar = { declared: [], lifted: new Set() };

export function evolveCalendar(state: FreezeCalendar, event: FreezeEvent): FreezeCalendar {
  switch (event.type) {
    case 'FreezeDeclared':
      return { ...state, declared: [...state.declared, event.data] };
    case 'FreezeLifted':
      return { ...state, lifted: new Set(state.lifted).add(event.data.freeze_id) };
    default:
      return assertNever(event);
  }
}

export type FreezeCode = 'invalid_freeze' | 'unknown_role' | 'freeze_not_found';

/** What the calendar is checked against: environments that targets are in. */
export interface DeclareFreeze extends Omit<DeclaredFreeze, 'override_roles'> {
  readonly override_roles?: readonly string[] | undefined;
  readonly environments: ReadonlySet<string>;
}

/** Declares a freeze; the same command again declares no other one. */
export function declareFreeze(
  { environments, override_roles = defaultOverrideRoles, ...freeze }: DeclareFreeze,
  { declared }: FreezeCalendar,
): Decision<FreezeEvent, Refusal<FreezeCode>> {
  if (declared.some(({ command_id }) => command_id === freeze.command_id)) return accept();
  const fault = scopeFault(freeze.scope, environments) ?? periodFault(freeze.period) ?? roleFault(override_roles);
  return fault ?? accept({ type: 'FreezeDeclared', data: { ...freeze, override_roles: [...override_roles] } });
}

/** Lifts a freeze for good; again it changes nothing. */
export function liftFreeze(
  freeze_id: string,
  reason: string,
  { declared, lifted }: FreezeCalendar,
): Decision<FreezeEvent, Refusal<FreezeCode>> {
  if (lifted.has(freeze_id)) return accept();
  if (declared.some((freeze) => freeze.freeze_id === freeze_id))
    return accept({ type: 'FreezeLifted', data: { freeze_id, reason } });
  return reject('freeze_not_found', 'there is no such freeze', 'freeze_id');
}

function scopeFault(scope: FreezeScope, environments: ReadonlySet<string>) {
  if (scope.kind !== 'environment' || environments.has(scope.environment)) return null;
  const known = environments.size > 0 ? `; environments are ${[...environments].sort().join(', ')}` : '';
  return reject('invalid_freeze', `no target is in the environment ${scope.environment}${known}`, 'scope.environment');
}

function roleFault(roles: readonly string[]) {
  const index = roles.findIndex((role) => !isRole(role));
  if (index === -1) return null;
  return reject(
    'unknown_role',
    `"${roles[index]}" is no role of the product; roles are ${knownRoles.join(', ')}`,
    `/override_roles/${index}`,
  );
}

function periodFault(period: FreezePeriod) {
  if ('cron' in period) {
    const fault = cronFault(period);
    return fault && reject('invalid_freeze', fault.detail, `period.${fault.field}`);
  }
  const { from, to } = period;
  if (to === null || Date.parse(to) > Date.parse(from)) return null;
  return reject('invalid_freeze', `a freeze ends after it begins; ${to} is not after ${from}`, 'period.to');
}
