import type { Logger } from 'pino';

/** The part of a pino logger that messaging writes to. */
export type BusLog = Pick<Logger, 'info' | 'warn' | 'error'>;
