import { defineEvent, EventRegistry, type EventsOf } from '@m3/contracts';
import type { AppendContext } from '@m3/event-store';
import { Type } from '@sinclair/typebox';

/** A counter, the smallest thing that has a stream and a deadline. */
export const counterEvents = [
  defineEvent({
    type: 'Counted',
    category: 'counter',
    schema: Type.Object({ by: Type.String() }),
    example: { by: 'a' },
  }),
  defineEvent({
    type: 'Awaited',
    category: 'counter',
    schema: Type.Object({ deadline_at: Type.String(), wakes_on: Type.Optional(Type.Array(Type.String())) }),
    example: { deadline_at: '2026-01-01T00:00:00.000Z' },
  }),
  defineEvent({
    type: 'Told',
    category: 'counter',
    schema: Type.Object({ of: Type.String() }),
    example: { of: 'rain' },
  }),
  defineEvent({ type: 'Settled', category: 'counter', schema: Type.Object({}), example: {} }),
] as const;
export type CounterEvent = EventsOf<typeof counterEvents>;

export const counterRegistry = () => new EventRegistry(counterEvents);
export const counter = {
  initial: 0,
  evolve: (count: number, event: CounterEvent) => (event.type === 'Counted' ? count + 1 : count),
};

export const context: AppendContext = {
  actor: { kind: 'system', id: 'test' },
  correlationId: 'test',
  causationId: null,
  occurredAt: '2026-01-01T00:00:00.000Z',
};
