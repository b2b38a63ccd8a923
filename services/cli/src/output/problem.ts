import { ApiProblem } from '../api/api-errors.js';
import { CliError } from '../cli-error.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { describeFinding } from './findings.js';
import { faultOf } from '../fault.js';
import type { Output } from './output.js';
import { printable } from './text.js';

/** Says what went wrong, in one or two lines on stderr (one JSON line with `--json`), and gives the exit code. */
export function reportError(output: Output, error: unknown): ExitCode {
  const known = error instanceof CliError ? error : unexpected(error);
  if (output.json) output.note(JSON.stringify({ error: errorDocument(known) }));
  else for (const line of errorLines(known)) output.note(line);
  return known.exitCode;
}

/** For people: what is wrong and where, then what to do next. */
export function errorLines(error: CliError): readonly string[] {
  const field = error.field === undefined || error.field === '' ? '' : ` (field ${fieldName(error.field)})`;
  const all = error instanceof ApiProblem ? (error.problem.findings ?? []) : [];
  // The only fault of a document is what the first line says already.
  const findings = all.length === 1 && Reflect.get(Object(all[0]), 'message') === error.message ? [] : all;
  return [
    `m3-publish: ${printable(error.message)}${field}`,
    ...findings.map((found) => `  ${describeFinding(found)}`),
    ...(error.remedy === undefined ? [] : [`  → ${error.remedy}`]),
  ];
}

/** A JSON pointer as people write it: `/access/require_approvals` is `access.require_approvals`. */
export function fieldName(pointer: string): string {
  return pointer.replace(/^\//, '').replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
}

function errorDocument(error: CliError): object {
  if (error instanceof ApiProblem) return error.problem;
  return {
    code: error.code,
    detail: error.message,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
  };
}

function unexpected(error: unknown): CliError {
  const message = faultOf(error).message || String(error);
  return new CliError('unexpected', `something unexpected happened: ${message}`, { exitCode: exitCodes.failed });
}
