export { ApiClient, ApiError } from './api-client.js';
export { createLocalIssuer, type LocalIssuer, type TokenHolder } from './issuer.js';
export { ProcessStartError, type LocalProcess } from './local-process.js';
export { publishTag, sampleReleaseFolder, sampleTag } from './sample.js';
export type { Sandbox, SandboxPlan } from './sandbox.js';
export { newSecrets, type StackSecrets } from './secrets.js';
export { startTestStack, type TestStack, type TestStackOptions } from './test-stack.js';
export type { GivenServers, Stack, StackListener, StackOptions, StackPart } from './stack.js';
export { startStack } from './stack-start.js';
export type { NatsOfStack, PostgresOfStack, S3OfStack, S3Settings } from './stack-servers.js';
export {
  startWebhookReceiver,
  type ReceivedWebhook,
  type WebhookChannel,
  type WebhookReceiver,
} from './webhook-receiver.js';
