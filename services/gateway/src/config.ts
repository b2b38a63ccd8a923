import type { Environment } from '@m3/service-kit';
import type { KeySource } from './sign-in/issuer-keys.js';

export interface GatewayConfig {
  readonly keys: KeySource;
  readonly issuer: string;
  readonly audience: string;
  /** Requests a second for one caller, over time; the burst is four times as much. */
  readonly requestsPerSecond: number;
}

/** Settings of the gateway beside those of every service. @throws SettingError */
export function readGatewayConfig(environment: Environment): GatewayConfig {
  const url = environment.optional('AUTH_JWKS_URL');
  return Object.freeze({
    keys: url === undefined ? { file: environment.text('AUTH_JWKS_FILE') } : { url },
    issuer: environment.text('AUTH_ISSUER'),
    audience: environment.text('AUTH_AUDIENCE'),
    requestsPerSecond: environment.number('RATE_LIMIT_PER_SECOND', 100),
  });
}
