export { LocalServerError, type LocalServerErrorCode } from './local-server-error.js';
export { assertPortFree, freePort, waitForPort } from './ports.js';
export type { Log, ServerProcess } from './server-process.js';
export { createDatabase, startPostgres, type PostgresOptions, type PostgresServer } from './postgres.js';
export { startNats, type NatsOptions, type NatsServer, type NatsUser } from './nats.js';
export { findNatsServer } from './nats-binary.js';
export { startS3, type S3Options, type S3Server } from './s3.js';
export { temporaryFolder } from './temporary-folder.js';
export { forget as forgetProcess, watch as watchProcess } from './watchdog.js';
