import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Product } from './product.fixture.spec.js';

/** Where a text stands that must be nowhere: the log, any log file, any reply of the API, any stored object, any row. */
export async function placesOf(canaryText: string, { log, stack, replies }: Product): Promise<readonly string[]> {
  const places: string[] = [];
  if ((await log.text()).includes(canaryText)) places.push('the event log');
  replies.forEach((reply, index) => {
    if (reply.includes(canaryText)) places.push(`reply ${index}: ${reply.slice(0, 200)}`);
  });
  places.push(...(await log.tablesWith(canaryText)));
  for (const folder of ['logs', 's3']) {
    const files = await readdir(join(stack.home, folder), { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const content = await readFile(join(file.parentPath, file.name));
      if (content.includes(canaryText)) places.push(`${folder}/${file.name}`);
    }
  }
  return places;
}
