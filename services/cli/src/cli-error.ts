import { exitCodes, type ExitCode } from './exit-codes.js';

interface Details {
  readonly field?: string;
  /** What to do next, as the second half of a sentence. */
  readonly remedy?: string;
  readonly exitCode?: ExitCode;
}

/** Something that the person at the keyboard can put right; shown without a stack trace. */
export class CliError extends Error {
  readonly field: string | undefined;
  readonly remedy: string | undefined;
  readonly exitCode: ExitCode;

  constructor(
    readonly code: string,
    message: string,
    { field, remedy, exitCode = exitCodes.usage }: Details = {},
  ) {
    super(message);
    this.field = field;
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}
