import { Recent } from '@m3/target-access';
import type { TargetEnvironment } from '@m3/target-environment';

/** One look at a gateway serves all publishes through it that start within this time. */
const freshMs = 1_000;

type GatewayCheck = Awaited<ReturnType<TargetEnvironment['checkGateway']>>;
type CapacityCheck = Awaited<ReturnType<TargetEnvironment['checkCapacity']>>;

/** What gateways say of themselves, asked once for many publishes. */
export class GatewayLooks {
  private readonly checks = new Recent<GatewayCheck>(freshMs);
  private readonly capacities = new Recent<CapacityCheck>(freshMs);

  check(gatewayUrl: string, target: TargetEnvironment): Promise<GatewayCheck> {
    return this.checks.get(gatewayUrl, () => target.checkGateway());
  }

  capacity(gatewayUrl: string, target: TargetEnvironment): Promise<CapacityCheck> {
    return this.capacities.get(gatewayUrl, () => target.checkCapacity());
  }
}
