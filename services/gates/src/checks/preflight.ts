import { compareVersions, versionSatisfies } from '@m3/artifacts';
import type { EventData, PublishSubject } from '@m3/contracts';
import { describeTargetFault } from '@m3/target-access';
import type { TargetEnvironment } from '@m3/target-environment';
import type { GatewayLooks } from './gateway-looks.js';
import type { StorageProbe } from '../adapters/s3/storage-probe.js';
import { failed, inconclusive, passed, type Verdict } from '../domain/check.js';
import { afterLooks, look, type Look, type Looking } from './two-looks.js';

/** The pre-publish checks (spec section 6, step 1): all run, all are shown, none touches the target. */

/** As much of a request as the checks look at. Without a deadline somebody waits for the answer: there is one look. */
export type ToValidate = Pick<EventData<'ValidationRequested'>, 'requires_marie' | 'strategy' | 'allow_older'> & {
  readonly deadline_at?: string;
  readonly subject: Pick<PublishSubject, 'target_id' | 'address' | 'version'>;
};

export interface Preflight {
  readonly target: TargetEnvironment;
  readonly storage: StorageProbe;
  readonly gateways: GatewayLooks;
  readonly request: ToValidate;
  readonly now: () => Date;
}

export interface PreflightChecks {
  readonly checks: Readonly<Record<string, () => Promise<Verdict>>>;
  /** The version that the target reported as active while it was checked. */
  readonly activeVersion: () => Promise<string | null>;
}

export function preflight({ target, storage, gateways, request, now }: Preflight): PreflightChecks {
  // Two checks look at each of these answers; the target is asked once, and once more without an answer.
  const url = request.subject.address.gateway_url;
  const { deadline_at } = request;
  const remainingMs = () => (deadline_at === undefined ? 0 : Date.parse(deadline_at) - now().getTime());
  const looking: Looking = { describe: describeTargetFault, remainingMs };
  const gateway = look(() => gateways.check(url, target), looking);
  const capacity = look(() => gateways.capacity(url, target), looking);
  const database = look(() => target.checkDatabase(), looking);
  const active = database.answer
    .then(({ initialised }) => (initialised ? target.releaseState() : null))
    .then((state) => state?.active?.version ?? null);
  for (const answer of [gateway.answer, capacity.answer, database.answer, active]) answer.catch(() => undefined);
  const seen = async <Answer>(looked: Look<Answer>, judge: (answer: Answer) => Verdict) =>
    afterLooks(await reaching(async () => judge(await looked.answer)), looked, now());
  return {
    checks: {
      gateway: () => seen(gateway, gatewayVerdict),
      database: () => seen(database, databaseVerdict),
      compatibility: () => reaching(async () => compatibility(request, await gateway.answer, await active)),
      capacity: () => seen(capacity, capacityVerdict),
      backup_storage: () => storage.check(remainingMs),
    },
    activeVersion: () => active.catch(() => null),
  };
}

/** A target that cannot be asked fails the check; its message names no credentials. */
async function reaching(check: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await check();
  } catch (error) {
    const fault = describeTargetFault(error);
    if (!fault) throw error;
    return failed(fault.reason, { findings: [{ code: fault.code, severity: 'error', message: fault.reason }] });
  }
}

type GatewayCheck = Awaited<ReturnType<TargetEnvironment['checkGateway']>>;
type DatabaseCheck = Awaited<ReturnType<TargetEnvironment['checkDatabase']>>;
type CapacityCheck = Awaited<ReturnType<TargetEnvironment['checkCapacity']>>;

function gatewayVerdict({ latency_ms, version, dry_run }: GatewayCheck): Verdict {
  const metrics = { latency_ms };
  if (!dry_run.ok) {
    const message = `the gateway's dry run failed: ${dry_run.message ?? 'no reason given'}`;
    return failed(message, { metrics, findings: [{ code: 'gateway_dry_run_failed', severity: 'error', message }] });
  }
  return passed(`the gateway (Marie ${version ?? 'of unknown version'}) answers in ${latency_ms.toFixed(1)} ms`, {
    metrics,
  });
}

function databaseVerdict({ latency_ms, server_version, schema_present, initialised }: DatabaseCheck): Verdict {
  const metrics = { latency_ms };
  const refused = (code: string, message: string): Verdict =>
    failed(message, { metrics, findings: [{ code, severity: 'error', message }] });
  if (!schema_present)
    return refused('schema_missing', 'the schema does not exist in the database; run m3-publish target init');
  if (!initialised)
    return refused('schema_not_initialised', 'the schema lacks the tables of a target; run m3-publish target init');
  return passed(`the database (PostgreSQL ${server_version}) answers in ${latency_ms.toFixed(1)} ms`, { metrics });
}

/** What the version needs and the gateway lacks, first; then whether it may follow what is active. */
function compatibility(request: ToValidate, gateway: GatewayCheck, active: string | null): Verdict {
  return marieVerdict(request, gateway) ?? strategyVerdict(request, gateway) ?? successionVerdict(request, active);
}

function marieVerdict({ requires_marie }: ToValidate, { version: marie }: GatewayCheck): Verdict | null {
  if (requires_marie === undefined) return null;
  if (marie === null)
    return inconclusive(`the version needs Marie ${requires_marie}, and the gateway does not tell its version`);
  if (versionSatisfies(marie, requires_marie)) return null;
  return refused('marie_version', `the version needs Marie ${requires_marie}; the gateway runs ${marie}`);
}

/** It could when the target was configured: gateways are replaced. */
function strategyVerdict({ strategy }: ToValidate, { extension }: GatewayCheck): Verdict | null {
  if (strategy === undefined || (extension?.routes && extension.metrics)) return null;
  return refused('strategy_unsupported', `the gateway cannot route by version, which ${strategy} needs`);
}

function successionVerdict({ subject, allow_older }: ToValidate, active: string | null): Verdict {
  const { version } = subject;
  if (active === null) return passed('nothing is active on the target yet');
  if (!allow_older && compareVersions(version, active) < 0) {
    const message = `${version} is older than ${active}, which is active; ask for it with allow_older`;
    return refused('older_than_active', message);
  }
  return passed(`${active} is active; ${version} may follow it`);
}

function refused(code: string, message: string): Verdict {
  return failed(message, { findings: [{ code, severity: 'error', message }] });
}

function capacityVerdict(capacity: CapacityCheck): Verdict {
  if (capacity.outcome === 'unknown') return inconclusive('the gateway does not tell its capacity');
  const { available, capacity: total } = capacity;
  const metrics = { available, capacity: total };
  return available > 0
    ? passed(`${available} of ${total} slots are free`, { metrics })
    : failed(`none of ${total} slots is free`, {
        metrics,
        findings: [{ code: 'no_capacity', severity: 'error', message: 'the gateway has no free slot' }],
      });
}
