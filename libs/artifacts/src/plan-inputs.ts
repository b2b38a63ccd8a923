import { stringsIn } from './json-document.js';
import type { NodeDefinition } from './node-definitions.js';

/** A place in a definition that reads the output of another node. */
export interface InputReference {
  readonly taskId: string;
  /** A JSON pointer inside the definition. */
  readonly pointer: string;
}

// `$.nodes.<id>`, `$.nodes['<id>']`, `$['nodes']['<id>']`. Each part is bounded, so the time stays linear.
const reference = /\$(?:\.nodes|\[['"]nodes['"]\])(?:\.([\w-]{1,128})|\[['"]([^'"\]]{1,128})['"]\])/g;

/** Every JSONPath in a definition that names a node, wherever it stands: sources, conditions, switch fields, parameters. */
export function inputReferences(definition: NodeDefinition): InputReference[] {
  const found: InputReference[] = [];
  for (const { path, key, text } of stringsIn(definition)) {
    if (key === 'description' || !text.includes('$')) continue;
    for (const match of text.matchAll(reference)) found.push({ taskId: match[1] ?? match[2] ?? '', pointer: path });
  }
  return found;
}
