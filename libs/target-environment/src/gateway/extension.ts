import type { CallOptions } from '../deadline.js';
import {
  CapabilitiesCheck,
  DrainingCheck,
  expectShape,
  MetricsCheck,
  RoutingCheck,
  type Capabilities,
  type GatewayRouting,
  type VersionMetrics,
} from './answers.js';
import type { GatewayClient } from './gateway-client.js';

/** The gateway lacks what the operation needs; nothing was done. */
export interface Unsupported {
  readonly outcome: 'unsupported';
}

export interface ExtensionCall extends CallOptions {
  readonly schema: string;
}

const PREFIX = '/x-publish/v1';

/** What the extension can do; null when there is none. One call. */
export async function readCapabilities(gateway: GatewayClient, call: CallOptions): Promise<Capabilities | null> {
  const answer = await gateway.ask({ method: 'GET', path: `${PREFIX}/capabilities`, ...call });
  if (answer.status === 404 || answer.status === 405) return null;
  gateway.demandSuccess(answer);
  return expectShape(CapabilitiesCheck, answer.body, gateway);
}

/** Where a schema's part of the extension is. */
export function extensionPath(schema: string, rest: string): string {
  return `${PREFIX}/schemas/${encodeURIComponent(schema)}/${rest}`;
}

export type InvalidationResult = ({ readonly outcome: 'invalidated' } & GatewayRouting) | Unsupported;

/** Makes the gateway drop its caches of the schema and read pointer, routes and plans again. One call. */
export async function invalidateCaches(
  gateway: GatewayClient,
  { schema, ...call }: ExtensionCall,
): Promise<InvalidationResult> {
  const body = await gateway.read({ method: 'POST', path: extensionPath(schema, 'invalidate'), body: {}, ...call });
  return { outcome: 'invalidated', ...expectShape(RoutingCheck, body, gateway) };
}

export type DrainingResult =
  | {
      readonly outcome: 'known';
      readonly executions: readonly { readonly version: string; readonly running: number }[];
    }
  | Unsupported;

/** Executions that are still running, by the version they began with. One call. */
export async function readDraining(
  gateway: GatewayClient,
  { schema, ...call }: ExtensionCall,
): Promise<DrainingResult> {
  const body = await gateway.read({ method: 'GET', path: extensionPath(schema, 'draining'), ...call });
  return { outcome: 'known', executions: expectShape(DrainingCheck, body, gateway).executions };
}

export type MetricsResult = { readonly outcome: 'known'; readonly versions: readonly VersionMetrics[] } | Unsupported;

/** Executions, failures and p95 by version, as the gateway counted them. One call. */
export async function readMetrics(gateway: GatewayClient, { schema, ...call }: ExtensionCall): Promise<MetricsResult> {
  const body = await gateway.read({ method: 'GET', path: extensionPath(schema, 'metrics'), ...call });
  return { outcome: 'known', versions: expectShape(MetricsCheck, body, gateway).versions };
}
