import { readConfig } from './config.js';
import { errorCode } from './error-code.js';
import { startSandboxGateway } from './sandbox-gateway.js';

const say = (line: string) => process.stderr.write(`${line}\n`);

try {
  const gateway = await startSandboxGateway({ ...readConfig(process.env), log: say });
  process.stdout.write(`sandbox gateway listening on ${gateway.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void gateway.close());
} catch (error) {
  // A database error may repeat the connection string; the code says enough.
  const code = errorCode(error);
  const reason = code === '' && error instanceof Error ? error.message : `port or database cannot be used (${code})`;
  say(`sandbox gateway did not start: ${reason}`);
  process.exitCode = 1;
}
