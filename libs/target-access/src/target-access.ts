import type { TargetAddress } from '@m3/contracts';
import { localKeyProvider, SecretStore } from '@m3/secrets';
import type { Environment, ServiceRuntime } from '@m3/service-kit';
import { TargetEnvironments, type TargetEnvironment } from '@m3/target-environment';

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

/** Target access on the service's own database role and settings; closed when the service stops. */
export function createTargetAccess(runtime: ServiceRuntime, environment: Environment): TargetAccess {
  const secrets = new SecretStore(runtime.pool, localKeyProvider(environment.text('SECRET_KEY')));
  const gatewayToken = environment.optional('TARGET_GATEWAY_TOKEN');
  const environments = new TargetEnvironments({ allow: environment.list('ALLOWED_ADDRESSES') });
  runtime.onStop(() => environments.close());
  return {
    open: async ({ target_id, address }) =>
      environments.open({
        gatewayUrl: address.gateway_url,
        gatewayToken,
        databaseUrl: await secrets.get(address.secret_ref, target_id),
        schema: address.schema,
      }),
  };
}
