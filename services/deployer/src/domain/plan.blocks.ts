import type { PlanBlock, StartBlock } from '@m3/contracts';
import { assertNever } from '@m3/decider';

/** What a rule about starts means for whoever reads a plan. */
export function blockOfRule(block: StartBlock): PlanBlock {
  const { until, unblocked_by: roles } = block;
  return {
    ...told(block),
    until,
    unblocked_by: roles.map((role) => ({ who: `an operator with the role ${role}`, how: remedy(block) })),
  };
}

function told(block: StartBlock): Pick<PlanBlock, 'code' | 'detail'> {
  const { since, until } = block;
  switch (block.kind) {
    case 'window':
      return {
        code: 'window_closed',
        detail: `no window is open; ${until === null ? 'none ever opens' : `the next one opens at ${until}`}`,
      };
    case 'freeze':
      return {
        code: 'frozen',
        detail: `${scopeText(block.scope)} frozen ${until === null ? 'until the freeze is lifted' : `until ${until}`}: ${block.reason}`,
      };
    case 'hold':
      return { code: 'held', detail: `automatic publishes are held: ${block.reason}` };
    case 'veto':
      return {
        code: 'vetoed',
        detail: `${block.project} ${block.version} was rolled back here, and is not published by itself`,
      };
    case 'promotion':
      return { code: 'not_promoted', detail: promotionText(block) };
    case 'disabled':
      return { code: 'target_disabled', detail: `the target is disabled${since === null ? '' : ` since ${since}`}` };
    default:
      return assertNever(block);
  }
}

function scopeText(scope: Extract<StartBlock, { kind: 'freeze' }>['scope']): string {
  if (scope.kind === 'global') return 'everything is';
  return scope.kind === 'environment' ? `the environment ${scope.environment} is` : `${scope.target_name} is`;
}

function promotionText({ from, state, until, soak_minutes = 0 }: Extract<StartBlock, { kind: 'promotion' }>): string {
  switch (state) {
    case 'no_such_target':
      return `the version has to succeed on ${from} first, and there is no such target`;
    case 'not_succeeded':
      return `the version has to succeed on ${from} first, and to stay there for ${soak_minutes} minutes`;
    case 'soaking':
      return `the version has succeeded on ${from} and soaks there for ${soak_minutes} minutes, until ${until}`;
    default:
      return assertNever(state);
  }
}

function remedy({ kind }: StartBlock): string {
  switch (kind) {
    case 'window':
      return 'asks for the publish with a reason to override';
    case 'freeze':
      return 'asks for the publish with a reason to override, or lifts the freeze';
    case 'hold':
    case 'veto':
      return 'm3-publish target release';
    case 'disabled':
      return 'm3-publish target enable';
    case 'promotion':
      return 'publishes the version there first';
    default:
      return assertNever(kind);
  }
}
