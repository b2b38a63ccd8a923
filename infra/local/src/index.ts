export type { LocalIssuer, TokenHolder } from './issuer.js';
export { ProcessStartError, type LocalProcess } from './local-process.js';
export { LocalServer } from './local-server.js';
export type { Sandbox, SandboxPlan } from './sandbox.js';
export { newSecrets, rolePassword, type StackSecrets } from './secrets.js';
export type { GivenServers, Stack, StackListener, StackOptions, StackPart, StackPorts, Way } from './stack.js';
export { startStack } from './stack-start.js';
export { Supervisor } from './supervisor.js';
export type { NatsOfStack, PostgresOfStack, S3OfStack, S3Settings } from './stack-servers.js';
export {
  startWebhookReceiver,
  type ReceivedWebhook,
  type WebhookChannel,
  type WebhookReceiver,
  type WebhookReceiverOptions,
} from './webhook-receiver.js';
