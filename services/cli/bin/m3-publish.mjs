#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../packed/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write(
    'm3-publish is not built yet. Run `npm install` and `npm run build` at the root of the repository.\n',
  );
  process.exitCode = 1;
}
