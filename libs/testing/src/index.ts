export { eventually, type Patience } from './eventually.js';
export {
  processSpecification,
  specification,
  type DecisionOutcome,
  type Outcome,
  type ReactionOutcome,
  type Specification,
} from './specification.js';
export { createTestBucket, type TestBucket } from './test-bucket.js';
export { createTestDatabase, useTestDatabase, type DatabaseTemplate, type TestDatabase } from './test-database.js';
export { testRun, type TestRun, type TestS3 } from './test-run.js';
export { startTestNats, startTestPostgres, useTestNats } from './test-servers.js';
