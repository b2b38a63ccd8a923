import type { FreezeScope, StartBlock } from '@m3/contracts';
import { assertNever } from '@m3/decider';

/** What holds up the start of a publish, in the words of operators. */
export function blockText(block: StartBlock): string {
  switch (block.kind) {
    case 'window':
      return block.until === null ? 'no window of the target ever opens' : `the next window opens at ${block.until}`;
    case 'freeze': {
      const until = block.until === null ? 'until it is lifted' : `until ${block.until}`;
      return `${scopeText(block.scope)} frozen ${until}: ${block.reason}`;
    }
    case 'hold':
      return `the target is held: ${block.reason}`;
    case 'veto':
      return `${block.project} ${block.version} was rolled back from on this target`;
    case 'promotion':
      return promotionText(block);
    case 'disabled':
      return 'the target is disabled';
    default:
      return assertNever(block);
  }
}

function scopeText(scope: FreezeScope): string {
  if (scope.kind === 'global') return 'everything is';
  return scope.kind === 'environment' ? `the environment ${scope.environment} is` : `${scope.target_name} is`;
}

function promotionText({ from, state, until }: Extract<StartBlock, { kind: 'promotion' }>): string {
  if (state === 'no_such_target') return `it has to succeed on ${from} first, and there is no such target`;
  if (state === 'not_succeeded') return `it has to succeed on ${from} first`;
  return `it has to prove itself on ${from} until ${until ?? 'its time is over'}`;
}
