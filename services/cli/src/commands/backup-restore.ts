import type { Cli } from '../cli.js';
import type { Output } from '../output/output.js';
import type { CommandGroup } from '../root-command.js';
import type { RestoreOptions } from '../restore/restore-settings.js';
import type { Restored } from '../restore/run-restore.js';
import { examples } from './examples.js';

interface Options extends RestoreOptions {
  readonly dryRun?: true | undefined;
  readonly yes?: true | undefined;
}

const help = `
Works without the gateway and the services: it reads the storage and writes the target database. Settings are those of
the backups service: DATABASE_URL (the log), SECRET_KEY, SECRET_KEYS_PREVIOUS, S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY,
BACKUP_BUCKET; TARGET_GATEWAY_TOKEN and ALLOWED_ADDRESSES to reach the target's gateway. Without the log: give
--target-database-url (or M3_TARGET_DATABASE_URL), --schema, --from s3://… or a file, and --digest.`;

/** `backup restore`: puts a target back to a backup by hand, also when no service runs. */
export function registerBackupRestore(group: CommandGroup, cli: Cli): void {
  group
    .command('restore')
    .description('put a target back to a backup by hand, also when no service runs; its digest is checked first')
    .requiredOption('--from <backup>', 'name or id of a backup, s3://bucket/key, or a file')
    .option('-t, --target <name-or-id>', 'the target, as the log knows it')
    .option('--dry-run', 'only show what would change')
    .option('--yes', 'do not ask')
    .option('--digest <digest>', 'digest that the backup has to have, sha256:…')
    .option('--database-url <url>', "the product's own database; better kept in DATABASE_URL")
    .option('--target-database-url <url>', 'target database; better kept in M3_TARGET_DATABASE_URL')
    .option('--schema <schema>', 'schema of the target in its database')
    .option('--s3-endpoint <url>', 'object storage; else S3_ENDPOINT')
    .option('--s3-region <region>', 'region of the object storage; else S3_REGION')
    .option('--bucket <bucket>', 'where backups are kept; else BACKUP_BUCKET')
    .addHelpText(
      'after',
      `${help}\n${examples(
        'backup restore --target "Production US East" --from backup-production-20260319-142345 --dry-run',
        'backup restore --target "Production US East" --from backup-production-20260319-142345',
        'backup restore --schema production --from ./kept.json --digest sha256:4f2a…',
      )}`,
    )
    .action(async (options) => restore(cli, options));
}

async function restore(cli: Cli, { dryRun, yes, ...options }: Options): Promise<void> {
  const { output, surroundings } = cli;
  const { runRestore } = await import('../restore/run-restore.js');
  const decide = async (planned: Restored): Promise<boolean> => {
    if (!output.json) showPlan(output, planned);
    if (dryRun === true) return false;
    if (yes !== true && cli.isInteractive) await cli.confirm(`Put ${nameOf(planned)} back?`);
    return true;
  };
  const restored = await runRestore({ options, env: surroundings.env, decide });
  output.result({ ...restored, next: nextSteps(restored) }, () => showResult(output, restored));
}

function showPlan(output: Output, { backup, plan, ...planned }: Restored): void {
  const { active, routes, changes, equal } = plan;
  output.line(`${backup.name}: ${backup.digest}, as it was written`, 'good');
  output.line(`target: ${nameOf(planned)}, schema ${planned.target.schema} of ${planned.target.database}`);
  if (equal) output.line('the target equals the backup already');
  output.line(`active: ${active.from ?? 'nothing'} → ${active.to ?? 'nothing'}`);
  output.line(`routes: ${routesText(routes.from)} → ${routesText(routes.to)}`);
  for (const { kind, name, change } of changes) output.line(`  ${signs[change]} ${kind} ${name}`, tones[change]);
}

const signs = { added: '+', changed: '~', removed: '-' } as const;
const tones = { added: 'good', changed: 'warning', removed: 'bad' } as const;

function routesText(routes: Restored['plan']['routes']['from']): string {
  return routes.map(({ version, weight }) => `${version} ${weight} %`).join(', ') || 'none';
}

function showResult(output: Output, restored: Restored): void {
  if (restored.dry_run) {
    output.line('nothing was changed', 'faint');
    return;
  }
  output.line(`restored under fence ${restored.plan.fence}: the target equals the backup, byte for byte`, 'good');
  output.line('next:');
  for (const step of nextSteps(restored)) output.line(`  ${step}`);
}

/** What is left to do, as commands where there is one. */
function nextSteps({ dry_run, backup, target, caches, plan }: Restored): readonly string[] {
  if (dry_run) return [];
  const told =
    caches === 'invalidated' ? [] : ['restart the gateway of the target, so that it reads its versions again'];
  const record = backup.backup_id === null ? [] : [`m3-publish backup record-restore ${backup.backup_id} --reason "…"`];
  const release = target.name === null ? [] : [`m3-publish target release ${JSON.stringify(target.name)} --reason "…"`];
  const look = `look at ${plan.active.to ?? 'the target'}: does it serve as it should?`;
  return [...told, look, ...record.map((step) => `${step}   # when the services run again`), ...release];
}

function nameOf({ target }: Pick<Restored, 'target'>): string {
  return target.name ?? target.schema;
}
