import type { RecordedEvent } from '@m3/contracts';
import { Deadlines, type DeadlineChange } from '@m3/process';
import type { ServiceRuntime } from '@m3/service-kit';
import type { SettleGates } from './settle-gates.js';

const prefix = 'gaterun-';

/** Events that set or end a wait for something outside. Those of runs that never waited are not among them. */
const types = ['GateAsked', 'GateCompleted', 'OverrideAwaited', 'GateOverridden', 'OverrideExpired'];

/** Ends the waiting for callbacks and overrides when their time has passed. */
export function watchGateDeadlines(
  { pool, store, clock, log, service }: ServiceRuntime,
  settle: SettleGates,
): Deadlines {
  return new Deadlines({
    ...{ pool, store, clock, service, types, change: deadlineChange },
    onDue: async (key) => {
      await settle.expire(key.slice(0, key.indexOf(' ')));
      return null;
    },
    onError: (error) => log.error({ err: error }, 'deadlines of gates could not be looked at; trying again'),
  });
}

/** Each gate that was asked has a deadline of its own, and so has the wait for overrides. */
export function deadlineChange({ stream, type, data }: RecordedEvent): DeadlineChange | null {
  const key = (what: string) => `${stream.slice(prefix.length)} ${what}`;
  const text = (field: string): string => String(Reflect.get(data, field));
  switch (type) {
    case 'GateAsked':
      return { key: key(text('gate')), dueAt: text('deadline_at') };
    case 'GateCompleted': {
      const result: unknown = Reflect.get(data, 'result');
      return isNamed(result) ? { key: key(result.name), dueAt: null } : null;
    }
    case 'OverrideAwaited':
      return { key: key('override'), dueAt: text('deadline_at') };
    case 'OverrideExpired':
      return { key: key('override'), dueAt: null };
    case 'GateOverridden': {
      const remaining: unknown = Reflect.get(data, 'remaining');
      return Array.isArray(remaining) && remaining.length === 0 ? { key: key('override'), dueAt: null } : null;
    }
    default:
      return null;
  }
}

const isNamed = (value: unknown): value is { readonly name: string } =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
