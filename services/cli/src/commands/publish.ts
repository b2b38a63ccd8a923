import { PublishesAccepted, TargetList, type TargetSummary } from '@m3/contracts';
import { allPages } from '../api/all-pages.js';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { type ExitCode, exitCodes, worstOf } from '../exit-codes.js';
import { fieldName } from '../output/problem.js';
import type { Program } from '../root-command.js';
import { watchToTheEnd } from '../watch/watch-command.js';
import { examples } from './examples.js';
import { waitingTime } from './option-values.js';

type Started = PublishesAccepted['publishes'][number];

interface Options {
  readonly target?: readonly string[] | undefined;
  readonly all?: true | undefined;
  readonly reason?: string | undefined;
  readonly allowOlder?: true | undefined;
  readonly overrideReason?: string | undefined;
  readonly watch?: true | undefined;
  readonly timeout?: number | undefined;
  readonly yes?: true | undefined;
}

/** How many targets the API takes in one request. */
const mostTargets = 100;

/** `publish PROJECT VERSION --target NAME…|--all`. */
export function registerPublish(parent: Program, cli: Cli): void {
  parent
    .command('publish')
    .description('publish a tagged version to one or more targets')
    .argument('<project>', 'project, e.g. invoice-pipeline')
    .argument('<version>', 'version, e.g. v1.3.0')
    .option('-t, --target <name-or-id...>', 'targets to publish to')
    .option('--all', 'every active target; inactive and held ones are left out')
    .option('--reason <text>', 'why; required by emergency targets')
    .option('--allow-older', 'allow a version that is older than the active one')
    .option('--override-reason <text>', 'start despite windows and freezes, and why; where your roles allow it')
    .option('--watch', 'follow the publishes to their end; the exit code says how')
    .option('--timeout <time>', 'with --watch: stop waiting after a time such as 10m (exit code 5)', waitingTime)
    .option('-y, --yes', 'with --all: do not ask')
    .addHelpText(
      'after',
      examples(
        'publish invoice-pipeline v1.3.0 --target staging --watch',
        'publish invoice-pipeline v1.3.0 --target "EU West" "US East" --reason "release 42"',
        'publish invoice-pipeline v1.2.0 --target staging --allow-older',
        'publish invoice-pipeline v1.3.1 --target production --override-reason "fix of the outage"',
        'publish invoice-pipeline v1.3.0 --all --watch --timeout 15m --json',
      ),
    )
    .action(async (project, version, options) => {
      cli.exitCode = await publish(cli, { project, version }, options);
    });
}

interface Subject {
  readonly project: string;
  readonly version: string;
}

async function publish(cli: Cli, subject: Subject, options: Options): Promise<ExitCode> {
  const targets = await chosenTargets(cli, subject, options);
  const started: Started[] = [];
  for (let from = 0; from < targets.length; from += mostTargets) {
    const body = {
      ...subject,
      targets: targets.slice(from, from + mostTargets),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      allow_older: options.allowOlder === true,
      ...(options.overrideReason === undefined ? {} : { override_reason: options.overrideReason }),
    };
    const idempotencyKey = keyOfBatch(cli.idempotencyKey, from / mostTargets);
    const reply = await cli.api.post('publishes', PublishesAccepted, { body, idempotencyKey });
    started.push(...reply.publishes);
  }
  report(cli, subject, started, options.watch === true);
  const ids = started.flatMap((entry) => (entry.outcome === 'requested' ? [entry.publish_id] : []));
  const refused = ids.length < started.length ? exitCodes.failed : exitCodes.ok;
  if (options.watch !== true || ids.length === 0) return refused;
  return worstOf([refused, await watchToTheEnd(cli, { ids, timeout: options.timeout, appearsWithin: 10_000 })]);
}

async function chosenTargets(cli: Cli, { project, version }: Subject, options: Options): Promise<string[]> {
  const named = [...new Set(options.target ?? [])];
  if ((options.all === true) === named.length > 0) {
    throw new CliError('targets_missing', 'name the targets, or all of them', {
      field: 'target',
      remedy: 'give --target NAME… or --all; `m3-publish target list` shows them',
    });
  }
  if (named.length > 0) return named;
  const active = await activeTargets(cli);
  if (cli.isInteractive && options.yes !== true) {
    const names = active.map(({ name }) => name).join(', ');
    await cli.confirm(`Publish ${project} ${version} to ${active.length} targets (${names})?`);
  }
  return active.map(({ target_id }) => target_id);
}

async function activeTargets(cli: Cli): Promise<TargetSummary[]> {
  const targets = await allPages(Infinity, (query) => cli.api.get('targets', TargetList, { ...query }));
  const active = targets.filter(({ status }) => status === 'active');
  for (const { name, status } of targets) if (status !== 'active') cli.output.note(`left out: ${name} is ${status}`);
  if (active.length > 0) return active;
  throw new CliError('no_active_target', 'no target is active', {
    remedy: '`m3-publish target list` shows why; `target enable` and `target release` change it',
    exitCode: exitCodes.failed,
  });
}

function report({ output }: Cli, { project, version }: Subject, started: readonly Started[], watch: boolean): void {
  if (output.json && watch) return output.jsonLine({ publishes: started });
  output.result({ publishes: started }, () => {
    for (const entry of started) {
      if (entry.outcome === 'requested') {
        output.line(`${project} ${version} → ${entry.target_name}: requested as ${entry.publish_id}`);
        if (!watch) output.note(`  → m3-publish watch ${entry.publish_id}`);
      } else {
        const field = entry.problem.field === undefined ? '' : ` (field ${fieldName(entry.problem.field)})`;
        output.line(`${project} ${version} → ${entry.target_name}: refused: ${entry.problem.detail}${field}`, 'bad');
      }
    }
  });
}

function keyOfBatch(key: string | undefined, batch: number): string | undefined {
  return key === undefined || batch === 0 ? key : `${key}-${batch}`;
}
