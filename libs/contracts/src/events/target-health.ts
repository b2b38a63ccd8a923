import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Id, Nullable } from '../shapes.js';
import { Health } from '../target-health.js';
import { ids } from './examples.js';

const Latency = Nullable(Type.Number({ minimum: 0 }));

/** Stream `target-health.<target id>`, owned by targets; apart from the configuration, whose revision it leaves alone. */
export const targetHealthEvents = [
  defineEvent({
    type: 'TargetHealthChanged',
    category: 'target',
    schema: Type.Object(
      {
        target_id: Id('target'),
        health: Health,
        reason: Nullable(Type.String({ maxLength: 2000 })),
        gateway_latency_ms: Latency,
        database_latency_ms: Latency,
      },
      closed,
    ),
    example: {
      target_id: ids.target,
      health: 'unhealthy',
      reason: 'The gateway https://prod-gateway-us-east.example.com refused the connection.',
      gateway_latency_ms: null,
      database_latency_ms: 3.1,
    },
  }),
] as const;
export type TargetHealthEvent = EventsOf<typeof targetHealthEvents>;
