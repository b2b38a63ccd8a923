import type { Bundle } from '@m3/artifacts';
import type { BundleStore } from '@m3/bundles';
import {
  canonicalJson,
  gateRunEvents,
  type Actor,
  type CheckResult,
  type GateRunEvent,
  type GateThresholds,
  type RecordedEvent,
  type RecordedEventOf,
} from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import type { Delivery, EffectLease } from '@m3/messaging';
import { causedBy, type Clock } from '@m3/process';
import { describeTargetFault, type TargetAccess } from '@m3/target-access';
import { LRUCache } from 'lru-cache';
import type { StorageProbe } from '../adapters/s3/storage-probe.js';
import { GatewayLooks } from '../checks/gateway-looks.js';
import { preflight } from '../checks/preflight.js';
import { checkResult, failed, overall } from '../domain/check.js';
import { qualityGates } from '../quality-gates/registry.js';
import { runChecks } from './run-checks.js';

export interface GateParts {
  readonly store: EventStore;
  readonly targets: TargetAccess;
  readonly bundles: BundleStore;
  readonly storage: StorageProbe;
  readonly lease: EffectLease;
  readonly clock: Clock;
}

/** How a request came: whether it may have been given to somebody before. */
type Repeat = Pick<Delivery, 'repeated'>;

interface Asked {
  readonly cause: RecordedEvent;
  readonly gateRunId: string;
  readonly delivery: Repeat;
}

const gates: Actor = { kind: 'service', id: 'gates' };
const ownEvents: ReadonlySet<string> = new Set(gateRunEvents.map(({ type }) => type));

/** Runs the checks and gates that a publish asks for, and records each run's result once. */
export class RunGates {
  /** One tag goes to many targets: what depends only on the bundle and the thresholds is judged once. */
  private readonly judged = new LRUCache<string, Promise<CheckResult[]>>({ max: 500 });

  private readonly gateways = new GatewayLooks();

  constructor(private readonly parts: GateParts) {}

  validate(event: RecordedEventOf<'ValidationRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request } = event;
    return this.once({ cause: event, gateRunId: request.gate_run_id, delivery }, async () => {
      const started_at = this.parts.clock().toISOString();
      const { checks, active_version } = await this.preflight(request);
      const run = {
        gate_run_id: request.gate_run_id,
        publish_id: request.subject.publish_id,
        outcome: overall(checks),
        started_at,
      };
      return {
        type: 'ValidationCompleted',
        data: { ...run, checks, active_version, completed_at: this.parts.clock().toISOString() },
      };
    });
  }

  judge(event: RecordedEventOf<'GatesRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { gate_run_id, subject, thresholds } = event.data;
    return this.once({ cause: event, gateRunId: gate_run_id, delivery }, async () => {
      const started_at = this.parts.clock().toISOString();
      const bundle = await this.parts.bundles.get(subject.bundle_digest);
      const results = await this.judgement(subject.bundle_digest, bundle, thresholds);
      const run = { gate_run_id, publish_id: subject.publish_id, outcome: overall(results), started_at };
      return {
        type: 'GatesCompleted',
        data: {
          ...run,
          gates: results.map((result) => stampedAt(started_at, result)),
          completed_at: this.parts.clock().toISOString(),
        },
      };
    });
  }

  private async preflight(
    request: RecordedEventOf<'ValidationRequested'>['data'],
  ): Promise<{ checks: CheckResult[]; active_version: string | null }> {
    const { targets, storage, clock } = this.parts;
    try {
      const target = await targets.open(request.subject);
      const { checks, activeVersion } = preflight({ target, storage, gateways: this.gateways, request });
      return { checks: await runChecks(checks, clock), active_version: await activeVersion() };
    } catch (error) {
      const fault = describeTargetFault(error);
      if (!fault) throw error;
      const verdict = failed(fault.reason, {
        findings: [{ code: fault.code, severity: 'error', message: fault.reason }],
      });
      return { checks: [checkResult('connection', verdict, 0, clock().toISOString())], active_version: null };
    }
  }

  private judgement(digest: string, bundle: Bundle, thresholds: GateThresholds): Promise<CheckResult[]> {
    const key = `${digest} ${canonicalJson(thresholds)}`;
    const known = this.judged.get(key);
    if (known) return known;
    const named = qualityGates.map((gate) => [gate.name, () => gate.run({ bundle, thresholds })] as const);
    const results = runChecks(Object.fromEntries(named), this.parts.clock);
    this.judged.set(key, results);
    results.catch(() => this.judged.delete(key));
    return results;
  }

  /** A run has one result: what may be there already is not looked for again. */
  private once({ cause, gateRunId, delivery }: Asked, run: () => Promise<GateRunEvent>): Promise<void> {
    const { store, lease, clock } = this.parts;
    const stream = `gaterun-${gateRunId}`;
    const work = async () => {
      if (delivery.repeated && (await this.isRecorded(stream))) return;
      const result = await run();
      await store.append([{ stream, expectedVersion: 0, events: [result] }], causedBy(cause, gates, clock));
    };
    return lease.tryRun(stream, work, delivery);
  }

  private async isRecorded(stream: string): Promise<boolean> {
    const done = await this.parts.store.readStream(stream);
    return done.some(({ type }) => ownEvents.has(type));
  }
}

/** A judgement that is used again is logged at the time of the run that uses it. */
function stampedAt(at: string, result: CheckResult): CheckResult {
  return { ...result, log: result.log.map((line) => ({ ...line, at })) };
}
