import type { MessagingMetrics } from '@m3/messaging';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Messaging's counters as Prometheus metrics. Labels are patterns, never ids. */
export function busMetrics(registry: Registry): MessagingMetrics {
  const registers = [registry];
  const handled = new Histogram({
    name: 'm3_messages_handled_seconds',
    help: 'Time to handle one message',
    labelNames: ['pattern', 'source'],
    registers,
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  });
  const failed = new Counter({
    name: 'm3_messages_failed_total',
    help: 'Failed attempts',
    labelNames: ['pattern', 'source'],
    registers,
  });
  const dead = new Counter({
    name: 'm3_dead_letters_total',
    help: 'Messages given up on',
    labelNames: ['pattern', 'code'],
    registers,
  });
  const relayed = new Counter({
    name: 'm3_events_relayed_total',
    help: 'Events sent to the bus',
    labelNames: ['outcome'],
    registers,
  });
  const lag = new Gauge({
    name: 'm3_catch_up_lag_events',
    help: 'Sealed events that catch-up has not passed',
    registers,
  });
  return {
    lag: (events) => lag.set(events),
    handled: (pattern, source, ms) => handled.observe({ pattern, source }, ms / 1000),
    failed: (pattern, source) => failed.inc({ pattern, source }),
    deadLettered: (pattern, code) => dead.inc({ pattern, code }),
    relayed: (confirmed, dropped) => {
      if (confirmed > 0) relayed.inc({ outcome: 'confirmed' }, confirmed);
      if (dropped > 0) relayed.inc({ outcome: 'dropped' }, dropped);
    },
  };
}
