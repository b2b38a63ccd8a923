import { parseFaults } from './faults.js';
import type { SandboxGatewayOptions } from './sandbox-gateway.js';

/**
 * Reads PORT (default 51000), HOST, DATABASE_URL, MARIE_VERSION, GATEWAY_TOKEN and SANDBOX_FAULTS (the fault switches as
 * JSON). @throws Error saying which variable is wrong
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): SandboxGatewayOptions {
  const { DATABASE_URL: databaseUrl, SANDBOX_FAULTS } = environment;
  if (!databaseUrl) throw new Error('Set DATABASE_URL to the PostgreSQL database of the target.');
  const port = Number(environment.PORT ?? '51000');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT is not a port number.');
  const faults = SANDBOX_FAULTS ? parseFaults(json(SANDBOX_FAULTS)) : {};
  return { port, databaseUrl, faults, ...named(environment) };
}

/** The settings that are texts, those of them that are set. */
function named({ HOST, MARIE_VERSION, GATEWAY_TOKEN }: Readonly<Record<string, string | undefined>>) {
  return {
    ...(HOST ? { host: HOST } : {}),
    ...(MARIE_VERSION ? { marieVersion: MARIE_VERSION } : {}),
    ...(GATEWAY_TOKEN ? { token: GATEWAY_TOKEN } : {}),
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('SANDBOX_FAULTS is not JSON.');
  }
}
