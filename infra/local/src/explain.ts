import { LocalServerError } from '@m3/local-servers';
import { ApiError } from './api-client.js';
import { errorCode } from './error-code.js';
import { ProcessStartError } from './local-process.js';
import { StartSettingError, type StartOptions } from './start-options.js';

/** A fault as text for the person at the terminal: what to do where we know it, all that there is where we do not. */
export function explain(error: unknown, { port }: Pick<StartOptions, 'port'>): string {
  if (error instanceof ApiError) return `The gateway refused: ${error.message}`;
  if (isPlain(error)) return errorCode(error) === 'port_in_use' ? `${error.message}\n${portHint(port)}` : error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Faults whose message says all that the person needs to know. */
function isPlain(error: unknown): error is Error {
  return [StartSettingError, LocalServerError, ProcessStartError].some((kind) => error instanceof kind);
}

function portHint(port: number): string {
  return (
    'Perhaps `npm start` runs already in another terminal. ' +
    `All ports follow the first one: \`npm start -- --port ${port + 100}\` moves them (or M3_PUBLISH_PORT=${port + 100}).`
  );
}
