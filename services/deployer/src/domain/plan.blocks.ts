import type { PlanBlock, StartBlock } from '@m3/contracts';
import { blockText } from '@m3/policies';

const codes = {
  window: 'window_closed',
  freeze: 'frozen',
  hold: 'held',
  veto: 'vetoed',
  promotion: 'not_promoted',
  disabled: 'target_disabled',
} as const satisfies Record<StartBlock['kind'], string>;

const remedies: Readonly<Record<StartBlock['kind'], string>> = {
  window: 'asks for the publish with a reason to override',
  freeze: 'asks for the publish with a reason to override, or lifts the freeze',
  hold: 'm3-publish target release',
  veto: 'm3-publish target release',
  promotion: 'publishes the version there first',
  disabled: 'm3-publish target enable',
};

/** What a rule about starts means for whoever reads a plan. */
export function blockOfRule(block: StartBlock): PlanBlock {
  const how = remedies[block.kind];
  return {
    code: codes[block.kind],
    detail: blockText(block),
    until: block.until,
    unblocked_by: block.unblocked_by.map((role) => ({ who: `an operator with the role ${role}`, how })),
  };
}
