import { ApiClient } from './api/api-client.js';
import { CliError } from './cli-error.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { Output } from './output/output.js';
import { resolveSettings } from './settings.js';
import type { Surroundings } from './surroundings.js';

/** The options that every command has. */
export interface GlobalOptions {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly json?: true | undefined;
  readonly color: boolean;
  readonly idempotencyKey?: string | undefined;
}

/** What a command works with; one for each run of the program. */
export class Cli {
  /** What the command came to. */
  exitCode: ExitCode = exitCodes.ok;
  private madeOutput: Output | null = null;
  private madeApi: ApiClient | null = null;

  constructor(
    readonly surroundings: Surroundings,
    private readonly globals: () => GlobalOptions,
  ) {}

  get output(): Output {
    const { stdout, stderr, env } = this.surroundings;
    const { json, color } = this.globals();
    this.madeOutput ??= new Output({ stdout, stderr, json: json === true, color: color && !env['NO_COLOR'] });
    return this.madeOutput;
  }

  /** The gateway that the flags, the environment or the settings file name. */
  get api(): ApiClient {
    const { env, cwd, patience } = this.surroundings;
    this.madeApi ??= new ApiClient(resolveSettings({ ...this.globals(), env, cwd }), patience);
    return this.madeApi;
  }

  get idempotencyKey(): string | undefined {
    return this.globals().idempotencyKey;
  }

  /** Whether someone sits there who can be asked. */
  get isInteractive(): boolean {
    return this.output.isTerminal && this.surroundings.stdin.isTTY === true;
  }

  /** @throws CliError when the answer is not yes */
  async confirm(question: string): Promise<void> {
    const answer = await this.surroundings.ask(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
    throw new CliError('not_confirmed', 'nothing was changed', { exitCode: exitCodes.failed });
  }
}
