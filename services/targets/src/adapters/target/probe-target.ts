import type { ProbeFault, TargetProbe } from '@m3/contracts';
import { CannotOpenError } from '@m3/secrets';
import type { TargetAccess, TargetToReach } from '@m3/target-access';
import { TargetUnreachableError, type DatabaseCheck } from '@m3/target-environment';

/** Looks once at a target's gateway and database. */
export type ProbeTarget = (target: TargetToReach, now: Date) => Promise<TargetProbe>;

/** An operator waits for the answer, and a gateway that takes longer is no help to a publish either. */
const timeoutMs = 3_000;
const call = { timeoutMs };

/** One cheap call to the gateway and one to the database, at the same time. What fails is a value. */
export function probeWith(access: TargetAccess): ProbeTarget {
  return async (target, now) => {
    const opened = await attempt('database', () => access.open(target));
    if (!opened.ok) return { at: now.toISOString(), healthy: false, ...noLatencies, faults: [opened.fault] };
    const environment = opened.value;
    const [gateway, database] = await Promise.all([
      attempt('gateway', () => environment.gatewayStatus(call)),
      attempt('database', () => environment.checkDatabase(call)),
    ]);
    const faults = [
      ...(gateway.ok ? [] : [gateway.fault]),
      ...(database.ok ? schemaFaults(database.value) : [database.fault]),
    ];
    return {
      at: now.toISOString(),
      healthy: faults.length === 0,
      gateway_latency_ms: gateway.ok ? gateway.value.latency_ms : null,
      database_latency_ms: database.ok ? database.value.latency_ms : null,
      faults,
    };
  };
}

const noLatencies = { gateway_latency_ms: null, database_latency_ms: null };

type Attempt<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fault: ProbeFault };

async function attempt<Value>(what: ProbeFault['what'], work: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof TargetUnreachableError)
      return { ok: false, fault: { what: error.what, code: error.code, message: error.message.slice(0, 2000) } };
    if (error instanceof CannotOpenError)
      return { ok: false, fault: { what, code: error.code, message: error.message } };
    throw error;
  }
}

function schemaFaults({ schema_present, initialised }: DatabaseCheck): readonly ProbeFault[] {
  if (initialised) return [];
  const code = schema_present ? 'schema_not_initialised' : 'schema_missing';
  const state = schema_present ? 'is not initialised, or by an older release' : 'is not in the database';
  return [{ what: 'database', code, message: `The schema of the target ${state}: run \`m3-publish target init\`.` }];
}
