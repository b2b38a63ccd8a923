import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

/** JSON logs on standard output. Values whose names say that they are secret never get there. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
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
  });
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
