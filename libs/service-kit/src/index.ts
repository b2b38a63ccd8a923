export { readBaseConfig, type BaseConfig } from './base-config.js';
export { CommandClient, OutcomeUnknownError, OwnerUnavailableError } from './command-client.js';
export { answer, commandSubject, HandleCommand, type CommandOutcome } from './commands.js';
export { Environment, SettingError } from './environment.js';
export { createLogger, nestLogger } from './logger.js';
export { problemOf } from './problem.js';
export { defaultPorts, runService, type ServiceDefinition } from './run-service.js';
export { RUNTIME, type ServiceRuntime } from './runtime.js';
export { startRuntime, type StartedRuntime } from './start-runtime.js';
