/**
 * Packs a built program and everything that it imports into one file, `packed/main.js`: started from thousands of small files,
 * a service takes three times as long and 15 MB more. Called in the program's own folder, after all packages are built.
 */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

/** What Nest would load if it were asked to, and is not: other transports, validation by classes. */
const NOT_USED = [
  ...['@fastify/*', '@grpc/*', '@nestjs/websockets', '@nestjs/websockets/*', 'amqp-connection-manager', 'amqplib'],
  ...['class-transformer', 'class-validator', 'ioredis', 'kafkajs', 'mqtt', 'pg-native'],
];
/** Serves files of its own, and finds them beside itself. */
const NEEDS_ITS_FOLDER = ['swagger-ui-dist'];

/** What is loaded at once, though no service calls much of it: all of it would stay in memory. */
const ONLY_WHAT_IS_USED = new Map([
  // Uploads of files.
  ['multer', 'module.exports = {};'],
  // Of undici a client of one server, which `Pool` is.
  [
    'undici',
    `Object.assign(require('undici/lib/dispatcher/dispatcher.js').prototype, require('undici/lib/api/index.js'));
     exports.Pool = require('undici/lib/dispatcher/pool.js');`,
  ],
]);
/** Bodies of requests: only who answers more than probes has any. */
if (!takesRequests()) ONLY_WHAT_IS_USED.set('body-parser', 'module.exports = {};');

function takesRequests() {
  const { dependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
  return 'express' in dependencies;
}

const onlyWhatIsUsed = {
  name: 'only-what-is-used',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z-]+$/ }, ({ path, resolveDir }) =>
      ONLY_WHAT_IS_USED.has(path) ? { path, namespace: 'lean', pluginData: resolveDir } : undefined,
    );
    onLoad({ filter: /./, namespace: 'lean' }, ({ path, pluginData: resolveDir }) => ({
      contents: ONLY_WHAT_IS_USED.get(path),
      resolveDir,
    }));
  },
};

await build({
  entryPoints: ['dist/main.js'],
  outfile: 'packed/main.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: [...NOT_USED, ...NEEDS_ITS_FOLDER],
  plugins: [onlyWhatIsUsed],
  // For packages that are still CommonJS and ask for modules of Node.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  // V8 keeps the text in memory, so comments and spaces cost as much as code. Names stay as they are, for traces.
  minifyWhitespace: true,
  lineLimit: 160,
  // Not read at run time, which would take more memory than packing saves: where.mjs reads it afterwards.
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
});

const [wide] = /.{0,30}[^\u0000-\u00ff].{0,10}/u.exec(readFileSync('packed/main.js', 'utf8')) ?? [];
if (wide !== undefined)
  process.stderr.write(
    `One character takes two bytes, so V8 keeps the whole text that way; write it as \\u….: ${wide}\n`,
  );
