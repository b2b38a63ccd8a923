import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runNode, runProgram } from './run-program.mjs';

/** Installs the packages of the lock file unless exactly those are installed. */
export async function installIfStale(onLine) {
  if (isCurrent()) return { ok: true, note: 'up to date' };
  const npm = process.env.npm_execpath;
  const options = { onLine, minutes: 10 };
  return npm?.endsWith('.js') ? runNode([npm, 'ci'], options) : runProgram('npm', ['ci'], options);
}

/** npm notes what it has installed; packages for other systems are not in that note. */
function isCurrent() {
  const wanted = packages('package-lock.json');
  const installed = packages('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([path, { version, link, optional, devOptional, peer }]) => {
    if (!path.startsWith('node_modules/')) return true;
    const there = installed[path];
    if (there === undefined) return Boolean(optional || devOptional || peer);
    return link === there.link && version === there.version;
  });
}

function packages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return {};
  }
}
