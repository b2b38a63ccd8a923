import type { TargetAddress } from '@m3/contracts';
import { localKeyProvider, SecretStore, type KeyProvider } from '@m3/secrets';
import type { Environment, ServiceRuntime } from '@m3/service-kit';
import {
  TargetEnvironments,
  type Capabilities,
  type TargetEnvironment,
  type TargetEnvironmentsOptions,
} from '@m3/target-environment';

/** What is needed to reach a target: how, and whose secret it is. */
export interface TargetToReach {
  readonly target_id: string;
  readonly address: TargetAddress;
}

/** Opens targets for a service: finds the secret that an address refers to, and keeps connections. */
export interface TargetAccess {
  /** @throws CannotOpenError, TargetUnreachableError (`invalid_url`), InvalidSchemaNameError */
  open(target: TargetToReach): Promise<TargetEnvironment>;
}

/** Asks gateways that are not targets yet. */
export interface GatewayAccess {
  /** What the extension of a gateway can do; null: it has none. @throws TargetUnreachableError */
  capabilities(gatewayUrl: string, timeoutMs: number): Promise<Capabilities | null>;
}

/** The keys that secrets are under: `SECRET_KEY` wraps, those of `SECRET_KEYS_PREVIOUS` still unwrap. */
export function readSecretKeys(environment: Environment): KeyProvider {
  return localKeyProvider(environment.text('SECRET_KEY'), environment.list('SECRET_KEYS_PREVIOUS'));
}

/** Target access on the service's own database role and settings; closed when the service stops. */
export function createTargetAccess(
  runtime: ServiceRuntime,
  environment: Environment,
  connections: Omit<TargetEnvironmentsOptions, 'allow'> = {},
): TargetAccess & GatewayAccess {
  const secrets = new SecretStore(runtime.pool, readSecretKeys(environment), 'target_database');
  const gatewayToken = environment.optional('TARGET_GATEWAY_TOKEN');
  const environments = new TargetEnvironments({ ...connections, allow: environment.list('ALLOWED_ADDRESSES') });
  runtime.onStop(() => environments.close());
  return {
    open: async ({ target_id, address }) =>
      environments.open({
        gatewayUrl: address.gateway_url,
        gatewayToken,
        databaseUrl: await secrets.get(address.secret_ref, target_id),
        schema: address.schema,
      }),
    capabilities: (gatewayUrl, timeoutMs) => environments.capabilities({ gatewayUrl, gatewayToken }, { timeoutMs }),
  };
}
