import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';

/** JSON logs, on standard output unless said otherwise. Values whose names say that they are secret never get there. */
export function createLogger(service: string, level: string, to?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: described },
    redact: {
      paths: [
        'database_url',
        'databaseUrl',
        'password',
        'token',
        'authorization',
        '*.database_url',
        '*.databaseUrl',
        '*.password',
        '*.token',
      ],
      censor: '[secret]',
    },
  };
  return to ? pino(options, to) : pino(options);
}

/**
 * What an error says of itself, and nothing that hangs on it: an error of a broken connection holds that connection, with
 * the key by which its session can be cancelled.
 */
function described(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name: type, message, stack, cause } = error;
  const code: unknown = Reflect.get(error, 'code');
  return {
    ...{ type, message, stack },
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause === undefined ? {} : { cause: described(cause) }),
  };
}

/** Lets Nest write to the same log. What it says while it starts is of use only when something is wrong. */
export function nestLogger(log: Logger): LoggerService {
  const write =
    (level: 'debug' | 'warn' | 'error' | 'fatal') =>
    (message: unknown, ...details: unknown[]) =>
      log[level]({ details: details.length > 0 ? details : undefined }, String(message));
  return {
    log: write('debug'),
    debug: write('debug'),
    verbose: write('debug'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  };
}
