/** Gets the server programs that the tests need and that no npm package carries. */
import { buildIfStale } from './build-if-stale.mjs';

buildIfStale('libs/local-servers');
const { findNatsServer } = await import('@m3/local-servers');
try {
  await findNatsServer((line) => process.stdout.write(`${line}\n`));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
