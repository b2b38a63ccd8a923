import { VersionTagAccepted } from '@m3/contracts';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { counted } from '../output/text.js';
import { readRelease, type Release } from '../release/read-release.js';
import { idempotencyKeyOf, type TagOptions, tagOf } from '../release/tag.js';
import type { CommandGroup } from '../root-command.js';
import { watchToTheEnd } from '../watch/watch-command.js';
import { examples } from './examples.js';
import { waitingTime } from './option-values.js';
import { printFindings, tally } from './validate.js';

interface Options extends TagOptions {
  readonly validate: boolean;
  readonly watch?: true | undefined;
  readonly timeout?: number | undefined;
}

/** `version tag VERSION --dir DIR`: makes a version known, which sets publishes off where targets ask for it. */
export function registerVersionTag(group: CommandGroup, cli: Cli): void {
  group
    .command('tag')
    .description('tag a version from a release folder; targets that publish on tags start at once')
    .argument('<version>', 'semantic version, e.g. v1.3.0')
    .option('-d, --dir <dir>', 'release folder, or a bundle.json', '.')
    .option('-p, --project <project>', 'project (default: the name of the folder)')
    .option('--branch <branch>', 'branch (default: from Git)')
    .option('--commit <commit>', 'commit (default: from Git)')
    .option('--by <person>', 'who tagged it (default: whoever the token belongs to)')
    .option('--tagged-at <time>', 'when, in ISO 8601 (default: now)')
    .option('--bundle-uri <uri>', 's3://bucket/key where the bundle was uploaded; for bundles over 512 KiB')
    .option('--no-validate', 'leave out the offline checks; the quality gates check all the same')
    .option('--watch', 'follow the publishes that the tag sets off; the exit code says how they end')
    .option('--timeout <time>', 'with --watch: stop waiting after a time such as 10m (exit code 5)', waitingTime)
    .addHelpText(
      'after',
      examples(
        'version tag v1.3.0 --dir ./invoice-pipeline',
        'version tag v1.3.0 --dir . --project invoice-pipeline --branch main --watch',
        'version tag v2.0.0 --dir . --bundle-uri s3://releases/invoice-pipeline/v2.0.0.json',
      ),
    )
    .action(async (version, options) => {
      cli.exitCode = await tagVersion(cli, version, options);
    });
}

async function tagVersion(cli: Cli, version: string, options: Options): Promise<ExitCode> {
  const release = await readRelease(options.dir);
  if (release.bundle === null || options.validate) refuseErrors(cli, options.dir, release);
  const body = await tagOf(cli, { version, release, options });
  const idempotencyKey = cli.idempotencyKey ?? idempotencyKeyOf(body);
  const reply = await cli.api.post('versions', VersionTagAccepted, { body, idempotencyKey });
  const watch = options.watch === true && reply.publishes.length > 0;
  report(cli, reply, watch);
  if (!watch) return exitCodes.ok;
  return watchToTheEnd(cli, { ids: reply.publishes, timeout: options.timeout, appearsWithin: 10_000 });
}

function refuseErrors({ output }: Cli, path: string, release: Release): void {
  if (!release.findings.some(({ severity }) => severity === 'error')) return;
  if (output.json) output.result({ ok: false, findings: release.findings }, () => undefined);
  else printFindings(output, release);
  throw new CliError('release_invalid', `${path} was not tagged: ${tally(release.findings)}`, {
    remedy:
      release.bundle === null
        ? 'correct the findings'
        : 'correct the findings, or tag with --no-validate and let the quality gates judge',
    exitCode: exitCodes.failed,
  });
}

function report({ output }: Cli, reply: VersionTagAccepted, watch: boolean): void {
  if (output.json && watch) return output.jsonLine(reply);
  output.result(reply, () => {
    const outcome = reply.outcome === 'tagged' ? 'tagged' : 'was tagged before, with the same content';
    output.line(
      `${reply.project} ${reply.version} ${outcome}: ${counted(reply.publishes.length, 'publish', 'publishes')} (${reply.bundle_digest})`,
    );
    if (!watch) for (const id of reply.publishes) output.line(`  ${id}`);
  });
}
