import { join } from 'node:path';
import { LocalProcess } from './local-process.js';
import { built, type ServiceSettings } from './service.js';
import { prepareTargetDatabase } from './target-database.js';

export interface SandboxPlan {
  readonly name: string;
  /** The schemas of its targets. Default: one, with the name of the sandbox. */
  readonly schemas?: readonly string[];
  /** Default: `m3_<name>`. */
  readonly database?: string;
  readonly port?: number;
  /** The PostgreSQL server for its database, with a role that may create roles and databases. Default: the stack's. */
  readonly adminUrl?: string;
  /** Switches for trouble, as `POST /sandbox/faults` of the gateway takes them. */
  readonly faults?: object;
}

/** A sandbox gateway with its database: the environment of one or several targets. */
export interface Sandbox {
  readonly name: string;
  readonly gateway: LocalProcess;
  /** With the role that owns the database: what a target document holds. */
  readonly databaseUrl: string;
  readonly schemas: readonly string[];
}

export interface SandboxSettings extends Omit<ServiceSettings, 'env'> {
  readonly adminUrl: string;
  readonly gatewayToken: string;
  readonly passwordOf: (role: string) => string;
}

/** Prepares the database and starts the gateway on it. @throws ProcessStartError */
export async function startSandbox(plan: SandboxPlan, settings: SandboxSettings): Promise<Sandbox> {
  const { adminUrl: ofStack, gatewayToken, passwordOf, logs, ...process } = settings;
  const { name, schemas = [name], database = `m3_${name}`, faults, adminUrl = ofStack } = plan;
  const password = passwordOf(database);
  const databaseUrl = await prepareTargetDatabase(adminUrl, { name: database, password, schemas });
  const gateway = await LocalProcess.start({
    ...process,
    name: `the sandbox gateway "${name}"`,
    script: await built('infra/sandbox/packed/main.js'),
    logFile: join(logs, `sandbox-${name}.log`),
    env: {
      DATABASE_URL: databaseUrl,
      GATEWAY_TOKEN: gatewayToken,
      ...(faults === undefined ? {} : { SANDBOX_FAULTS: JSON.stringify(faults) }),
    },
    isReady: async (url) => {
      // A gateway that was told to be down is ready all the same.
      const answer = await fetch(`${url}/sandbox/faults`);
      return answer.ok;
    },
  });
  return { name, gateway, databaseUrl, schemas };
}
