import type { GatewayAccess } from '@m3/target-access';
import type { Gateways } from '../../use-cases/check-documents.js';

/** An operator waits for the answer. */
const timeoutMs = 2_500;

/** Strategies need a gateway that routes by version and counts what each version does. */
export function gatewaysThrough(access: GatewayAccess): Gateways {
  return {
    canRouteByVersion: async (gatewayUrl) => {
      const known = await access.capabilities(gatewayUrl, timeoutMs);
      return known !== null && known.routes && known.metrics;
    },
  };
}
