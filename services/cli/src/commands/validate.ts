import type { Finding } from '@m3/artifacts';
import type { Cli } from '../cli.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { findingLine } from '../output/findings.js';
import type { Output } from '../output/output.js';
import { counted } from '../output/text.js';
import type { Program } from '../root-command.js';
import { readRelease, type Release } from '../release/read-release.js';
import { examples } from './examples.js';

/** `validate DIR|bundle.json`: the checks of the quality gate, offline. */
export function registerValidate(parent: Program, cli: Cli): void {
  parent
    .command('validate')
    .description('check a release folder or a bundle offline: plans, references, secrets')
    .argument('<path>', 'release folder (workflows/, agents/, processors/, tests/) or bundle.json')
    .option('--fail-on-warnings', 'warnings fail too')
    .addHelpText(
      'after',
      examples('validate ./invoice-pipeline', 'validate bundle.json --json', 'validate . --fail-on-warnings'),
    )
    .action(async (path, options) => {
      cli.exitCode = await validate(cli.output, path, options.failOnWarnings === true);
    });
}

async function validate(output: Output, path: string, failOnWarnings: boolean): Promise<ExitCode> {
  const release = await readRelease(path);
  const ok = !release.findings.some(({ severity }) => severity === 'error' || failOnWarnings);
  output.result({ ok, digest: release.digest, artifacts: counts(release), findings: release.findings }, () => {
    printFindings(output, release);
    output.note(ok ? passedText(release) : `${path} was refused: ${tally(release.findings)}`);
  });
  return ok ? exitCodes.ok : exitCodes.failed;
}

/** One line for each finding on stdout: errors first. */
export function printFindings(output: Output, { findings, fileOf }: Release): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  for (const finding of errors) output.line(findingLine(finding, fileOf), 'bad');
  for (const finding of warnings) output.line(findingLine(finding, fileOf), 'warning');
}

/** `2 errors, 1 warning` */
export function tally(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  return warnings === 0 ? counted(errors, 'error') : `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
}

function passedText(release: Release): string {
  const { workflows, agents, processors, tests } = counts(release);
  const parts = [
    counted(workflows, 'workflow'),
    counted(agents, 'agent'),
    counted(processors, 'processor'),
    counted(tests, 'test'),
  ];
  return `valid: ${parts.join(', ')}; ${tally(release.findings)}; ${release.digest ?? ''}`;
}

function counts({ bundle }: Release) {
  const { workflows, agents, processors, tests } = bundle ?? { workflows: [], agents: [], processors: [], tests: [] };
  return { workflows: workflows.length, agents: agents.length, processors: processors.length, tests: tests.length };
}
