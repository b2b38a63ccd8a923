import type { PublishWhy, StartBlock } from '@m3/contracts';
import { assertNever } from '@m3/decider';
import type { PublishRow } from '../projections/publish-row.js';

type Mover = PublishWhy['can_be_moved_by'][number];

/** Who or what can end a block, and how. */
export function moversOf(block: StartBlock, publish: PublishRow): Mover[] {
  const { publish_id, target_name, version, project } = publish;
  const clock = block.until === null ? [] : [{ who: 'the clock', how: `at ${block.until}` }];
  const roles = `whoever has the role ${block.unblocked_by.join(' or ')}`;
  const overriding =
    block.unblocked_by.length === 0 ? [] : [{ who: roles, how: `m3-publish override ${publish_id} --reason …` }];
  switch (block.kind) {
    case 'window':
      return [...clock, ...overriding];
    case 'freeze': {
      const lifting = {
        who: 'an operator (admin or maintainer)',
        how: `m3-publish freeze lift ${block.freeze_id} --reason …`,
      };
      return [...clock, lifting, ...overriding];
    }
    // A veto comes with a hold, and goes with it.
    case 'veto':
      return [];
    case 'hold':
      return [{ who: roles, how: `m3-publish target release "${target_name}" --reason …` }];
    case 'promotion':
      if (block.state === 'soaking') return clock;
      return [{ who: `a publish of ${version} to ${block.from}`, how: publishHow(project, version, block.from) }];
    case 'disabled':
      return [{ who: roles, how: `m3-publish target enable "${target_name}"` }];
    default:
      return assertNever(block);
  }
}

function publishHow(project: string, version: string, target: string): string {
  return `m3-publish publish ${project} ${version} --target "${target}"`;
}
