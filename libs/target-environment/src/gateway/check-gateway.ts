import type { CallOptions } from '../deadline.js';
import { Capacity, DryRun, expectShape, Status, type Capabilities } from './answers.js';
import type { GatewayClient } from './gateway-client.js';
import { readCapabilities } from './extension.js';

export interface GatewayCheck {
  readonly latency_ms: number;
  /** Marie's version; null when the gateway does not say. */
  readonly version: string | null;
  /** What `/x-publish/v1` can do; null: the gateway has no such extension. */
  readonly extension: Capabilities | null;
  /** Whether the flow ran on empty input. */
  readonly dry_run: { readonly ok: boolean; readonly message: string | null };
}

/** Codes of a dry run, as number or name, that mean success. Marie leaves the field out for 0. */
const DRY_RUN_OK: ReadonlySet<unknown> = new Set([undefined, 0, 'SUCCESS', 'OK']);

/** Three calls at the same time. The latency is that of `GET /status`. */
export async function checkGateway(gateway: GatewayClient, call: CallOptions): Promise<GatewayCheck> {
  const [status, extension, { ok, message }] = await Promise.all([
    readStatus(gateway, call),
    readCapabilities(gateway, call),
    dryRun(gateway, call),
  ]);
  return { ...status, extension, dry_run: { ok, message } };
}

/** The cheapest sign of life: one call that runs nothing. @throws TargetUnreachableError */
export async function readStatus(
  gateway: GatewayClient,
  call: CallOptions,
): Promise<Pick<GatewayCheck, 'latency_ms' | 'version'>> {
  const started = performance.now();
  const body = await gateway.read({ method: 'GET', path: '/status', ...call });
  const latency_ms = performance.now() - started;
  const { marie } = expectShape(Status, body, gateway);
  const version = marie['marie'] ?? marie['version'];
  return { latency_ms, version: typeof version === 'string' ? gateway.clean(version) : null };
}

/** What a gateway answers when it is asked to run its flow on empty input: the one call that tells whether it works. */
export type DryRunCheck = GatewayCheck['dry_run'] & { readonly latency_ms: number };

/** One call. A failed dry run is HTTP 200 too: the code in the body tells. */
export async function dryRun(gateway: GatewayClient, call: CallOptions): Promise<DryRunCheck> {
  const started = performance.now();
  const { status, body } = await gateway.ask({ method: 'GET', path: '/dry_run', ...call });
  const latency_ms = performance.now() - started;
  if (status >= 300) return { ok: false, message: `HTTP status ${status}`, latency_ms };
  const { code, description } = expectShape(DryRun, body, gateway);
  return { ok: DRY_RUN_OK.has(code), message: description ? gateway.clean(description) : null, latency_ms };
}

export type CapacityCheck =
  | { readonly outcome: 'known'; readonly capacity: number; readonly used: number; readonly available: number }
  /** This gateway does not tell. */
  | { readonly outcome: 'unknown' };

/** Slots of the gateway's executors. One call. */
export async function checkCapacity(gateway: GatewayClient, call: CallOptions): Promise<CapacityCheck> {
  const answer = await gateway.ask({ method: 'GET', path: '/api/capacity', ...call });
  if (answer.status === 404) return { outcome: 'unknown' };
  gateway.demandSuccess(answer);
  // Marie answers `{status: "error", result: "…"}` with HTTP 200 when it cannot tell.
  if (!Capacity.Check(answer.body) || answer.body.status.toUpperCase() !== 'OK') return { outcome: 'unknown' };
  const { capacity, used, available } = answer.body.result.totals;
  return { outcome: 'known', capacity, used, available };
}
