import { parseFaults } from './faults.js';
import type { SandboxGatewayOptions } from './sandbox-gateway.js';

/**
 * Reads PORT (default 51000), HOST, DATABASE_URL, MARIE_VERSION, GATEWAY_TOKEN and SANDBOX_FAULTS (the fault switches as
 * JSON). @throws Error saying which variable is wrong
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): SandboxGatewayOptions {
  const { PORT, HOST, DATABASE_URL, MARIE_VERSION, GATEWAY_TOKEN, SANDBOX_FAULTS } = environment;
  if (!DATABASE_URL) throw new Error('Set DATABASE_URL to the PostgreSQL database of the target.');
  const port = Number(PORT ?? '51000');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT is not a port number.');
  return {
    port,
    databaseUrl: DATABASE_URL,
    ...(HOST ? { host: HOST } : {}),
    ...(MARIE_VERSION ? { marieVersion: MARIE_VERSION } : {}),
    ...(GATEWAY_TOKEN ? { token: GATEWAY_TOKEN } : {}),
    ...(SANDBOX_FAULTS ? { faults: parseFaults(json(SANDBOX_FAULTS)) } : {}),
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('SANDBOX_FAULTS is not JSON.');
  }
}
