import type {
  Actor,
  CheckResult,
  EventData,
  PlannedValidation,
  RecordedEventOf,
  ValidationQuestion,
} from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import type { Delivery, EffectLease } from '@m3/messaging';
import { causedBy, type Clock } from '@m3/process';
import { describeTargetFault, type TargetAccess } from '@m3/target-access';
import type { StorageProbe } from '../adapters/s3/storage-probe.js';
import { GatewayLooks } from '../checks/gateway-looks.js';
import { preflight, type ToValidate } from '../checks/preflight.js';
import { checkResult, failed, overall } from '../domain/check.js';
import { runChecks } from './run-checks.js';

export interface ValidationParts {
  readonly store: EventStore;
  readonly targets: TargetAccess;
  readonly storage: StorageProbe;
  readonly lease: EffectLease;
  readonly clock: Clock;
}

const gates: Actor = { kind: 'service', id: 'gates' };

/** Runs the pre-publish checks of a publish, and records their result once. */
export class RunValidation {
  private readonly gateways = new GatewayLooks();

  constructor(private readonly parts: ValidationParts) {}

  validate(
    event: RecordedEventOf<'ValidationRequested'>,
    delivery: Pick<Delivery, 'repeated'> = { repeated: true },
  ): Promise<void> {
    const { store, lease, clock } = this.parts;
    const { data: request } = event;
    const stream = `gaterun-${request.gate_run_id}`;
    const work = async () => {
      if (delivery.repeated && (await store.readStream(stream)).length > 0) return;
      const result = { type: 'ValidationCompleted', data: await this.result(request) };
      await store.append([{ stream, expectedVersion: 0, events: [result] }], causedBy(event, gates, clock));
    };
    return lease.tryRun(stream, work, delivery);
  }

  /** What the checks find now, for a plan: nothing is recorded. */
  async preview({ target_id, address, version, ...request }: ValidationQuestion): Promise<PlannedValidation> {
    const { checks } = await this.checks({ ...request, subject: { target_id, address, version } });
    return { outcome: overall(checks), checks };
  }

  private async result(request: EventData<'ValidationRequested'>): Promise<EventData<'ValidationCompleted'>> {
    const started_at = this.parts.clock().toISOString();
    const { checks, active_version } = await this.checks(request);
    return {
      gate_run_id: request.gate_run_id,
      publish_id: request.subject.publish_id,
      outcome: overall(checks),
      started_at,
      checks,
      active_version,
      completed_at: this.parts.clock().toISOString(),
    };
  }

  private async checks(request: ToValidate): Promise<{ checks: CheckResult[]; active_version: string | null }> {
    const { targets, storage, clock } = this.parts;
    try {
      const target = await targets.open(request.subject);
      const { checks, activeVersion } = preflight({ target, storage, gateways: this.gateways, request, now: clock });
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
}
