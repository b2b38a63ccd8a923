import { Recent } from '@m3/target-access';
import type { TargetEnvironment } from '@m3/target-environment';

/** One look at a gateway serves all publishes through it that start within this time. */
const freshMs = 1_000;

type GatewayCheck = Awaited<ReturnType<TargetEnvironment['checkGateway']>>;
type CapacityCheck = Awaited<ReturnType<TargetEnvironment['checkCapacity']>>;

/**
 * What gateways say of themselves, asked once for many publishes. Bad news serves only those who waited for it
 * together: the next publish asks anew, since the gateway may have recovered meanwhile.
 */
export class GatewayLooks {
  private readonly checks = new Recent<GatewayCheck>(freshMs);
  private readonly capacities = new Recent<CapacityCheck>(freshMs);

  async check(gatewayUrl: string, target: Pick<TargetEnvironment, 'checkGateway'>): Promise<GatewayCheck> {
    const check = await this.checks.get(gatewayUrl, () => target.checkGateway());
    if (!check.dry_run.ok) this.checks.forget(gatewayUrl);
    return check;
  }

  async capacity(gatewayUrl: string, target: Pick<TargetEnvironment, 'checkCapacity'>): Promise<CapacityCheck> {
    const check = await this.capacities.get(gatewayUrl, () => target.checkCapacity());
    if (check.outcome === 'known' && check.available <= 0) this.capacities.forget(gatewayUrl);
    return check;
  }
}
