/**
 * `npm start`: sets everything up (packages, build), then starts it. Uses nothing but Node until the packages are installed.
 * What happens then is in src/start.ts.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installIfStale } from '../check/install.mjs';
import { startProgress } from '../check/progress.mjs';
import { endAll, root } from '../check/run-program.mjs';
import { buildIfSourcesChanged } from './build.mjs';

const HELP = `npm start [-- options]

Starts PostgreSQL, NATS, S3, three sandbox target environments and the services of M3 Forge Publishing, publishes a
sample version, and serves until Ctrl-C. What is kept is found again at the next start.

  --once          end after the publish: exit code 0 when the sample version is live, else 1
  --port PORT     first of the ports, 7400 by default; all others follow it   (or M3_PUBLISH_PORT)
  --home FOLDER   where data, secrets and logs are kept, .m3-publish by default (or M3_PUBLISH_HOME)
  --help          this text

Servers that run already are used in place of embedded ones when these are set: DATABASE_URL (a role that may create
roles, schemas and databases), NATS_URL, S3_ENDPOINT with S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, BACKUP_BUCKET.
`;
/** Ports in use: see portsFrom in src/start-options.ts. */
const LAST_FIRST_PORT = 65_535 - 30;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

process.exit(await run());

async function run() {
  const options = readOptions();
  if (typeof options === 'number') return options;
  if (!(await setUp())) return 1;
  const { main } = await import('./dist/start.js');
  return main(options);
}

/** The options, or the exit code when there is nothing to start. */
function readOptions() {
  const string = (value) => ({ type: 'string', default: value });
  try {
    const { values } = parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        port: string(process.env.M3_PUBLISH_PORT || '7400'),
        home: string(process.env.M3_PUBLISH_HOME || join(root, '.m3-publish')),
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > LAST_FIRST_PORT)
      throw new Error(`The port must be a whole number from 1 to ${LAST_FIRST_PORT}, not "${values.port}".`);
    return { once: values.once, port, home: resolve(values.home) };
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${HELP}`);
    return 2;
  }
}

/** Packages and build; answers whether all is there. */
async function setUp() {
  const interrupt = () => endAll();
  for (const signal of SIGNALS) process.once(signal, interrupt);
  const progress = startProgress(process.stdout);
  try {
    for (const [name, work] of [
      ['packages', installIfStale],
      ['build', buildIfSourcesChanged],
    ]) {
      if (!(await timed(progress, name, work))) return false;
    }
    return true;
  } finally {
    progress.end();
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

async function timed(progress, name, work) {
  const began = performance.now();
  progress.begin(name);
  const result = await work((line) => progress.line(name, line));
  progress.finish({ name, seconds: (performance.now() - began) / 1000, ...result });
  return result.ok;
}
