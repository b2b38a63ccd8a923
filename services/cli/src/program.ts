import { CommanderError } from '@commander-js/extra-typings';
import { Cli } from './cli.js';
import { registerApprovals } from './commands/approvals.js';
import { registerBackup } from './commands/backup.js';
import { registerCancel } from './commands/cancel.js';
import { registerRetry } from './commands/retry.js';
import { registerChannel } from './commands/channel.js';
import { registerCompletion } from './commands/completion.js';
import { registerDeadLetter } from './commands/dead-letter.js';
import { registerDraining } from './commands/draining.js';
import { registerEmergency } from './commands/emergency.js';
import { registerFreeze } from './commands/freeze.js';
import { registerGate } from './commands/gate.js';
import { registerHistory } from './commands/history.js';
import { registerLogs } from './commands/logs.js';
import { registerPlan } from './commands/plan.js';
import { registerOverride } from './commands/override.js';
import { registerPublish } from './commands/publish.js';
import { registerRollback } from './commands/rollback.js';
import { registerSchedule } from './commands/schedule.js';
import { registerReview } from './commands/review.js';
import { registerSecret } from './commands/secret.js';
import { registerShow } from './commands/show.js';
import { registerStatus } from './commands/status.js';
import { registerTarget } from './commands/target.js';
import { registerTraffic } from './commands/traffic.js';
import { registerValidate } from './commands/validate.js';
import { registerVersion } from './commands/version.js';
import { registerVotes } from './commands/vote.js';
import { registerWatch } from './commands/watch.js';
import { registerWhy } from './commands/why.js';
import { exitCodeHelp, type ExitCode, exitCodes } from './exit-codes.js';
import { reportError } from './output/problem.js';
import { type Program, rootCommand } from './root-command.js';
import type { Surroundings } from './surroundings.js';

const settingsHelp = `
Settings: flags win over M3_PUBLISH_URL and M3_PUBLISH_TOKEN, and these over the file .m3-publish/cli.json
({"url": "…", "token": "…"}) in this folder or the nearest one above it.`;

/** The whole command line. `cli` gets the exit code of the command that ran. */
export function createProgram(surroundings: Surroundings): { readonly program: Program; readonly cli: Cli } {
  const program = rootCommand();
  const cli = new Cli(surroundings, () => program.opts());
  program
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'm3-publish: ')),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for usage and examples)')
    .showSuggestionAfterError()
    .addHelpText('after', `${settingsHelp}\n${exitCodeHelp}`);
  for (const register of commands) register(program, cli);
  return { program, cli };
}

const commands = [
  registerVersion,
  registerValidate,
  registerTarget,
  registerSchedule,
  registerPlan,
  registerPublish,
  registerWatch,
  registerShow,
  registerLogs,
  registerWhy,
  registerCancel,
  registerRollback,
  registerDraining,
  registerTraffic,
  registerRetry,
  registerOverride,
  registerApprovals,
  registerVotes,
  registerReview,
  registerEmergency,
  registerFreeze,
  registerGate,
  registerHistory,
  registerBackup,
  registerChannel,
  registerDeadLetter,
  registerSecret,
  registerStatus,
  registerCompletion,
];

/** Runs one command line (without `node` and script) and says with which code the process should end. Never throws. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { program, cli } = createProgram(surroundings);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return reportError(cli.output, error);
  }
}
