import type { PlanBlock, StartBlock } from '@m3/contracts';
import { blockText, targetManagers } from '@m3/policies';

const codes = {
  window: 'window_closed',
  freeze: 'frozen',
  hold: 'held',
  veto: 'vetoed',
  promotion: 'not_promoted',
  disabled: 'target_disabled',
} as const satisfies Record<StartBlock['kind'], string>;

const remedies: Readonly<Record<Exclude<StartBlock['kind'], 'promotion'>, string>> = {
  window: 'asks for the publish with a reason to override',
  freeze: 'asks for the publish with a reason to override, or lifts the freeze',
  hold: 'm3-publish target release',
  veto: 'm3-publish target release',
  disabled: 'm3-publish target enable',
};

/** Whoever has a role, in the words of a plan. */
export const withRole = (role: string): string => `an operator with the role ${role}`;

/** What a rule about starts means for whoever reads a plan. */
export function blockOfRule(block: StartBlock): PlanBlock {
  return { code: codes[block.kind], detail: blockText(block), until: block.until, unblocked_by: moversOf(block) };
}

function moversOf(block: StartBlock): PlanBlock['unblocked_by'] {
  if (block.kind !== 'promotion') {
    const how = remedies[block.kind];
    return block.unblocked_by.map((role) => ({ who: withRole(role), how }));
  }
  switch (block.state) {
    case 'no_such_target':
      return targetManagers.map((role) => ({
        who: withRole(role),
        how: `changes promotion.from, or makes ${block.from}`,
      }));
    case 'not_succeeded':
      return [
        { who: `a publish of the version to ${block.from}`, how: `m3-publish publish … --target "${block.from}"` },
      ];
    case 'soaking':
      return [];
  }
}
