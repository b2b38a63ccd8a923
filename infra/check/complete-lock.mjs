/**
 * Enters into package-lock.json the optional packages for other systems that npm left out because the registry at hand does
 * not carry them. Without them `npm ci` refuses the lock file everywhere. Run it after `npm install`; running it again changes nothing.
 * `--check` changes nothing and ends with 1 when something is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

const file = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = Object.values(lock.packages)
  .flatMap(({ optionalDependencies = {} }) => Object.entries(optionalDependencies))
  .filter(([name, version]) => /^\d/.test(version) && system(name) && !lock.packages[`node_modules/${name}`]);

if (process.argv.includes('--check')) {
  for (const [name] of missing)
    console.error(`package-lock.json lacks ${name}: run node infra/check/complete-lock.mjs`);
  process.exitCode = missing.length > 0 ? 1 : 0;
} else if (missing.length > 0) {
  for (const [name, version] of missing) lock.packages[`node_modules/${name}`] = entry(name, version);
  const [root, ...others] = Object.entries(lock.packages);
  others.sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries([root, ...others]);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}

function entry(name, version) {
  const os = system(name);
  const cpu = words(name).find((word) => PROCESSORS.includes(word));
  return { version, ...(cpu && { cpu: [cpu] }), optional: true, os: [os] };
}

function system(name) {
  return words(name).find((word) => SYSTEMS.includes(word));
}

function words(name) {
  return name.split(/[-/@.]/);
}
