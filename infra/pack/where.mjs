/**
 * Says where the places of a stack trace are in the sources:
 *
 *     node infra/pack/where.mjs < trace
 *
 * Places in packed programs (services/deployer/packed/main.js:41:7) are replaced, everything else is printed as it came.
 */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const PLACE = /(?:file:\/\/)?[^\s()'"]*?((?:services|infra)\/[a-z-]+\/packed\/main\.js):(\d+):(\d+)/g;

/** The text with each place in a packed program below `folder` replaced by `path:line:column` of its source. */
export function inSources(text, folder) {
  const maps = new Map();
  return text.replaceAll(PLACE, (place, program, line, column) => {
    const file = join(folder, program);
    if (!maps.has(file)) maps.set(file, readMap(file));
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry?.originalSource === undefined) return place;
    const source = relative(folder, resolve(dirname(file), entry.originalSource));
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function readMap(file) {
  return existsSync(`${file}.map`) ? new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8'))) : undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(inSources(readFileSync(0, 'utf8'), root));
}
