export { startSandboxGateway, type SandboxGateway, type SandboxGatewayOptions } from './sandbox-gateway.js';
export type { FaultSettings } from './faults.js';
export type { ExecutionDocument, JobDocument } from './executions/execution-document.js';
