import type { EventData } from '@m3/contracts';
import { fencedReason, type CallOptions, type TargetEnvironment } from '@m3/target-environment';
import type { EffectFailure, TrafficReturnResult, TrafficShiftResult } from '../domain/publish.inputs.js';
import { since, type Measured } from '../domain/traffic.judge.js';
import { millisecondsSince, StepLog } from './step-log.js';

type Target = Pick<TargetEnvironment, 'route' | 'invalidateCaches' | 'metrics'>;

interface Effect<Request> {
  readonly target: Target;
  readonly request: Request;
  readonly now: () => Date;
}

/** Gives the version its share of the new executions, and keeps in mind what the gateway had counted of it before. */
export async function shiftTraffic({
  target,
  request,
  now,
}: Effect<EventData<'TrafficShiftRequested'>>): Promise<TrafficShiftResult> {
  const started = performance.now();
  const log = new StepLog(now);
  const { weight, from_version, fence, subject } = request;
  const counted = await countedOf(target, subject.version);
  if (counted === null) return unsupported;
  const rest = weight === 100 ? [] : [{ version: from_version, weight: 100 - weight }];
  const routed = await target.route({ routes: [...rest, { version: subject.version, weight }], fence });
  switch (routed.outcome) {
    case 'unsupported':
      return unsupported;
    case 'fenced':
      return failed('fenced', fencedReason(routed));
    case 'conflict':
      return failed(routed.reason, `${routed.version} is no longer on the target`);
    case 'routed':
    case 'already_routed':
      await target.invalidateCaches();
      log.info(`${weight} % of new executions go to ${subject.version}`);
      const { executions, failures } = counted;
      return { outcome: 'shifted', counted: { executions, failures }, ...took(started, log) };
  }
}

/** Sends all new executions to the active version again. */
export async function returnTraffic({
  target,
  request,
  now,
}: Effect<EventData<'TrafficReturnRequested'>>): Promise<TrafficReturnResult> {
  const started = performance.now();
  const log = new StepLog(now);
  const { back_to, fence } = request;
  const routed = await target.route({ routes: [{ version: back_to, weight: 100 }], fence });
  switch (routed.outcome) {
    case 'fenced':
      return { outcome: 'fenced', reason: fencedReason(routed) };
    case 'unsupported':
      return { outcome: 'not_returned', reason: unsupported.reason, ...took(started, log) };
    case 'conflict':
      return {
        ...{ outcome: 'not_returned', reason: `${routed.version} is no longer on the target` },
        ...took(started, log),
      };
    case 'routed':
    case 'already_routed':
      await target.invalidateCaches();
      log.info(`all new executions go to ${back_to}`);
      return { outcome: 'returned', reason: null, ...took(started, log) };
  }
}

interface Look {
  readonly target: Pick<Target, 'metrics'>;
  readonly version: string;
  readonly counted: EventData<'TrafficShifted'>['counted'];
}

/** What the version did since it got its share; null: the gateway cannot tell. */
export async function measureTraffic({ target, version, counted }: Look, call: CallOptions): Promise<Measured> {
  const now = await countedOf(target, version, call);
  return now === null ? null : since(counted, now);
}

const nothingYet = { executions: 0, failures: 0, p95_ms: null };

async function countedOf(target: Pick<Target, 'metrics'>, version: string, call?: CallOptions) {
  const metrics = await target.metrics(call);
  if (metrics.outcome === 'unsupported') return null;
  return metrics.versions.find((each) => each.version === version) ?? nothingYet;
}

const failed = (code: string, reason: string): EffectFailure => ({ outcome: 'failed', code, reason, unknown: null });
const unsupported = failed('strategy_unsupported', 'the gateway cannot route by version, or does not count executions');
const took = (started: number, log: StepLog) => ({ duration_ms: millisecondsSince(started), log: log.lines });
