import { join } from 'node:path';
import { startStack, type Stack } from '@m3/local';
import { askApi } from './bench-api.js';

export interface TargetGroup {
  /** What tags say to reach this group. */
  readonly branch: string;
  readonly targets: number;
  /** All of the group have this schema, for measurements that end before a target is touched. */
  readonly sharedSchema?: string;
}

export interface BenchStackOptions {
  readonly folder: string;
  readonly groups: readonly TargetGroup[];
  /** The database of the product, when PostgreSQL runs already. */
  readonly adminUrl?: string;
}

/** The name of the one sandbox. */
export const SANDBOX = 'bench';

/** The whole product with targets on one sandbox gateway that publish by themselves, each in a schema of its own. */
export async function startBenchStack({ folder, groups, adminUrl }: BenchStackOptions): Promise<Stack> {
  const places = groups.flatMap(placesOf);
  const stack = await startStack({
    home: join(folder, 'stack'),
    sandboxes: [{ name: SANDBOX, schemas: [...new Set(places.map(({ schema }) => schema))] }],
    ...(adminUrl === undefined ? {} : { servers: { postgres: { adminUrl } } }),
  });
  try {
    await applyTargets(stack, places);
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

interface Place {
  readonly branch: string;
  readonly name: string;
  readonly schema: string;
}

function placesOf({ branch, targets, sharedSchema }: TargetGroup): Place[] {
  const names = Array.from({ length: targets }, (_, index) => `${branch.replace('-', '_')}_${index}`);
  return names.map((name) => ({ branch, name, schema: sharedSchema ?? name }));
}

async function applyTargets(stack: Stack, places: readonly Place[]): Promise<void> {
  const sandbox = stack.sandboxes.get(SANDBOX);
  if (sandbox === undefined) throw new Error('the stack has no sandbox');
  const targets = places.map(({ branch, name, schema }) => ({
    ...{ name, environment: 'development', type: 'auto_deploy', gateway_id: SANDBOX, schema },
    gateway_url: sandbox.gateway.url,
    database_url: sandbox.databaseUrl,
    triggers: { on_version_tag: true, version_pattern: 'v*.*.*', branch },
  }));
  for (let start = 0; start < targets.length; start += appliedAtOnce)
    await apply(stack, targets.slice(start, start + appliedAtOnce), `bench-targets-${start}`);
}

/** As many as are applied well within the time that the gateway waits for an answer, on a busy machine too. */
const appliedAtOnce = 200;

async function apply(stack: Stack, targets: readonly object[], key: string): Promise<void> {
  await askApi(stack, { path: 'targets', body: { targets }, key });
}
