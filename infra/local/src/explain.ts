import { LocalServerError } from '@m3/local-servers';
import { ApiError } from './api-client.js';
import { ProcessStartError } from './local-process.js';
import { StartSettingError, type StartOptions } from './start-options.js';

/** A fault as text for the person at the terminal: what to do where we know it, all that there is where we do not. */
export function explain(error: unknown, { port }: Pick<StartOptions, 'port'>): string {
  if (error instanceof ApiError) return `The gateway refused: ${error.message}`;
  if (error instanceof StartSettingError) return error.message;
  if (error instanceof LocalServerError || error instanceof ProcessStartError) {
    return error.code === 'port_in_use' ? `${error.message}\n${portHint(port)}` : error.message;
  }
  if (!(error instanceof Error)) return String(error);
  const refused = 'code' in error && error.code === 'ECONNREFUSED';
  return refused ? 'PostgreSQL cannot be reached. Look at DATABASE_URL.' : (error.stack ?? error.message);
}

function portHint(port: number): string {
  return (
    'Perhaps `npm start` runs already in another terminal. ' +
    `All ports follow the first one: \`npm start -- --port ${port + 100}\` moves them (or M3_PUBLISH_PORT=${port + 100}).`
  );
}
