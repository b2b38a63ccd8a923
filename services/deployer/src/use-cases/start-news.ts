import type { DomainEvent, EventData } from '@m3/contracts';

/** What a publish that may not start yet waits for beside the time, and the events that are news of it. */

const target = (id: string): string => `target ${id}`;
const success = (targetId: string): string => `success on ${targetId}`;
const named = (name: string): string => `target named ${name}`;
const calendar = 'calendar';

export function waitsFor({ subject, blocks }: EventData<'StartDelayed'>): readonly string[] {
  const promoted = blocks.flatMap((block) => {
    if (block.kind !== 'promotion') return [];
    return block.target_id === null ? [named(block.from)] : [success(block.target_id)];
  });
  return [target(subject.target_id), calendar, ...promoted];
}

/** None: nobody waits for such an event. A freeze that is declared may keep publishes waiting for longer. */
export function newsIn(event: DomainEvent): readonly string[] {
  switch (event.type) {
    case 'TargetCreated':
      return [target(event.data.target_id), named(event.data.document.name)];
    case 'TargetChanged':
    case 'TargetEnabled':
    case 'TargetDisabled':
    case 'TargetHeld':
    case 'TargetReleased':
      return [target(event.data.target_id)];
    case 'FreezeDeclared':
    case 'FreezeLifted':
      return [calendar];
    case 'PublishSucceeded':
      return [success(event.data.target_id)];
    default:
      return [];
  }
}
