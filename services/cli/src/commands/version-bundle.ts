import { writeFile } from 'node:fs/promises';
import { CliError } from '../cli-error.js';
import type { Cli } from '../cli.js';
import { exitCodes } from '../exit-codes.js';
import { readRelease } from '../release/read-release.js';
import type { CommandGroup } from '../root-command.js';
import { examples } from './examples.js';
import { printFindings, tally } from './validate.js';

/** `version bundle DIR --out FILE`: the bundle as one file, for uploading when it is too large to travel inline. */
export function registerVersionBundle(group: CommandGroup, cli: Cli): void {
  group
    .command('bundle')
    .description('write a release folder as one bundle file (canonical JSON) and print its digest')
    .argument('<dir>', 'release folder')
    .requiredOption('-o, --out <file>', 'file to write')
    .addHelpText(
      'after',
      examples(
        'version bundle . --out bundle.json',
        'version tag v1.3.0 --dir . --bundle-uri s3://releases/v1.3.0.json',
      ),
    )
    .action(async (path, { out }) => {
      const release = await readRelease(path);
      if (release.bundle === null) {
        if (!cli.output.json) printFindings(cli.output, release);
        throw new CliError('bundle_invalid', `${path} is no release: ${tally(release.findings)}`, {
          remedy: `m3-publish validate ${path}`,
          exitCode: exitCodes.failed,
        });
      }
      const { canonicalBundle } = await import('@m3/artifacts');
      const text = canonicalBundle(release.bundle);
      await writeFile(out, text).catch(() => {
        throw new CliError('file_unwritable', `${out} cannot be written`, { field: 'out' });
      });
      const document = { file: out, digest: release.digest, bytes: Buffer.byteLength(text) };
      cli.output.result(document, () => cli.output.line(`${out}: ${document.bytes} bytes, ${release.digest ?? ''}`));
    });
}
