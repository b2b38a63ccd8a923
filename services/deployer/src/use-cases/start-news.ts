import type { DomainEventType, EventData } from '@m3/contracts';

/** What a publish that may not start yet waits for beside the time, and the events that are news of it. */

const target = (id: string): string => `target ${id}`;
const activation = (targetId: string): string => `activation on ${targetId}`;
const success = (targetId: string): string => `success on ${targetId}`;
const named = (name: string): string => `target named ${name}`;
const calendar = 'calendar';

export function waitsFor({ subject, blocks }: EventData<'StartDelayed'>): readonly string[] {
  const promoted = blocks.flatMap((block) => {
    if (block.kind !== 'promotion') return [];
    return block.target_id === null ? [named(block.from)] : [success(block.target_id)];
  });
  return [...changesOf(subject), calendar, ...promoted];
}

/** What makes an approval void. */
export function changesOf({ target_id }: { readonly target_id: string }): readonly string[] {
  return [target(target_id), activation(target_id)];
}

type News = { readonly [Type in DomainEventType]?: (data: EventData<Type>) => readonly string[] };

const ofTarget = ({ target_id }: { readonly target_id: string }) => [target(target_id)];
const ofCalendar = () => [calendar];
const news: News = {
  TargetCreated: ({ target_id, document }) => [target(target_id), named(document.name)],
  TargetChanged: ofTarget,
  TargetEnabled: ofTarget,
  TargetDisabled: ofTarget,
  TargetHeld: ofTarget,
  TargetReleased: ofTarget,
  // One that is declared may keep publishes waiting for longer.
  FreezeDeclared: ofCalendar,
  FreezeLifted: ofCalendar,
  PublishSucceeded: ({ target_id }) => [success(target_id), activation(target_id)],
  PublishRolledBack: ({ target_id }) => [activation(target_id)],
};

/** Whether somebody may wait for events of a type. */
export const isNews = (type: DomainEventType): boolean => news[type] !== undefined;

/** The things that an event is news of; none: nobody waits for such an event. */
export function newsIn<Type extends DomainEventType>(type: Type, data: EventData<Type>): readonly string[] {
  const told: ((data: EventData<Type>) => readonly string[]) | undefined = news[type];
  return told?.(data) ?? [];
}
