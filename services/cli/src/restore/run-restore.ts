import { ObjectStorage } from '@m3/object-storage';
import { describeDatabase, TargetEnvironments, type TargetEnvironment } from '@m3/target-environment';
import { CliError } from '../cli-error.js';
import { findBackup, type FoundBackup } from './find-backup.js';
import { RestoreLog, type LoggedTarget } from './restore-log.js';
import { restoreSettings, type RestoreOptions, type RestoreSettings } from './restore-settings.js';
import { freshCaches, planRestore, restoreTarget, targetError, type RestorePlan } from './restore-target.js';

/** What a restore did, or would do. */
export interface Restored {
  readonly dry_run: boolean;
  readonly target: { readonly name: string | null; readonly schema: string; readonly database: string };
  readonly backup: { readonly backup_id: string | null; readonly name: string; readonly digest: string };
  readonly plan: RestorePlan;
  /** How the gateway was told; null: it was not. */
  readonly caches: 'invalidated' | 'unsupported' | 'unreachable' | null;
}

export interface RestoreRun {
  readonly options: RestoreOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Shows the plan; true: go on and do it. */
  readonly decide: (planned: Restored) => Promise<boolean>;
}

/** What was opened for a restore, to be closed whatever happens. */
interface Opened {
  readonly log: RestoreLog | null;
  environments: TargetEnvironments | null;
  storage: ObjectStorage | null;
}

/** Puts a target back to a backup without any service: by storage and databases alone. @throws CliError */
export async function runRestore({ options, env, decide }: RestoreRun): Promise<Restored> {
  const settings = restoreSettings(options, env);
  const opened: Opened = {
    log: settings.logUrl === undefined ? null : new RestoreLog(settings.logUrl),
    environments: null,
    storage: null,
  };
  try {
    return await restore(options, settings, opened, decide);
  } finally {
    await Promise.all([opened.log?.close(), opened.environments?.close(), opened.storage?.close()]);
  }
}

async function restore(
  options: RestoreOptions,
  settings: RestoreSettings,
  opened: Opened,
  decide: RestoreRun['decide'],
): Promise<Restored> {
  const { log } = opened;
  const logged = log === null || options.target === undefined ? null : await log.target(options.target);
  const storage = () => (opened.storage ??= new ObjectStorage(settings.storage()));
  const sources = { log, target: logged, storage, bucket: settings.bucket };
  const backup = await findBackup(options.from, options.digest, sources);
  const { target, schema } = await openTarget(options, settings, opened, logged);
  const plan = await planRestore(target, backup, logged?.fence ?? 0);
  const planned = shown(target, { logged, schema, backup, plan });
  if (!(await decide(planned))) return planned;
  await restoreTarget(target, backup, plan.fence);
  return { ...planned, dry_run: false, caches: logged === null ? null : await freshCaches(target) };
}

async function openTarget(
  options: RestoreOptions,
  settings: RestoreSettings,
  opened: Opened,
  logged: LoggedTarget | null,
): Promise<{ readonly target: TargetEnvironment; readonly schema: string }> {
  const databaseUrl = settings.targetUrl ?? (logged && (await opened.log?.databaseUrl(logged, settings)));
  const place = placeOf(databaseUrl ?? undefined, options.schema, logged);
  try {
    // Whoever runs this on a machine may reach from there what that machine reaches.
    const allow = [...settings.allowedAddresses, describeDatabase(place.databaseUrl).host];
    const environments = (opened.environments = new TargetEnvironments({ allow }));
    return { target: environments.open({ ...place, gatewayToken: settings.gatewayToken }), schema: place.schema };
  } catch (error) {
    throw targetError(error);
  }
}

function placeOf(databaseUrl: string | undefined, given: string | undefined, logged: LoggedTarget | null) {
  const schema = given ?? logged?.address.schema;
  // Without the log nobody knows the gateway, and nobody is going to call it.
  const gatewayUrl = logged?.address.gateway_url ?? 'http://gateway.invalid';
  if (schema !== undefined && databaseUrl !== undefined) return { databaseUrl, schema, gatewayUrl };
  throw new CliError('target_unknown', 'it is not known where the target is', {
    field: 'target',
    remedy: 'set DATABASE_URL and give --target; or give --target-database-url and --schema',
  });
}

interface Planned {
  readonly logged: LoggedTarget | null;
  readonly schema: string;
  readonly backup: FoundBackup;
  readonly plan: RestorePlan;
}

function shown({ database }: TargetEnvironment, { logged, schema, backup, plan }: Planned): Restored {
  const { host, port, name } = database;
  return {
    dry_run: true,
    target: { name: logged?.name ?? null, schema, database: `${host}:${port}/${name}` },
    backup: { backup_id: backup.taken?.backup_id ?? null, name: backup.label, digest: backup.digest },
    plan,
    caches: null,
  };
}
