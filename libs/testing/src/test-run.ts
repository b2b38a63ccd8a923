/** The servers that one jest run shares, started by its global setup, which leaves their addresses in the environment. */
export interface TestRun {
  /** Superuser URL of the run's PostgreSQL. */
  readonly postgresUrl: string;
  readonly s3: TestS3;
}

export interface TestS3 {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const VARIABLE = 'M3_TEST_RUN';

/** @throws Error outside of a jest run of the projects "integration" and "e2e". */
export function testRun(): TestRun {
  const text = process.env[VARIABLE];
  const run: unknown = text === undefined ? undefined : JSON.parse(text);
  if (!isTestRun(run)) {
    throw new Error('No test servers: name the file *.integration.spec.ts or *.e2e.spec.ts, so that jest starts them.');
  }
  return run;
}

function isTestRun(value: unknown): value is TestRun {
  return typeof value === 'object' && value !== null && 'postgresUrl' in value && 's3' in value;
}
