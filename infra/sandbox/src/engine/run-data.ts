import { isObject, objectIn, type JsonObject } from './json.js';
import type { GraphNode } from './plan-graph.js';

/** What one run knows: its input and metadata, and what its nodes have put out so far. */
export class RunData {
  private readonly outputs = new Map<string, JsonObject>();
  private readonly nodes: Record<string, { readonly output: JsonObject }> = {};
  private readonly found = new Map<string, { readonly rank: number; readonly value: unknown }>();

  constructor(
    private readonly input: JsonObject,
    private readonly metadata: JsonObject,
  ) {}

  add(node: GraphNode, output: JsonObject): void {
    this.outputs.set(node.id, output);
    this.nodes[node.id] = { output };
    if (isObject(output.metadata)) this.findMetadata(output.metadata, node.rank);
  }

  /**
   * The outputs of these nodes as one object: of a name that several have, the last one's value. Merging keeps plans with
   * many joins from doubling their data at each of them.
   */
  outputOf(ids: readonly string[]): JsonObject {
    const [only] = ids;
    if (ids.length === 1 && only !== undefined) return this.outputs.get(only) ?? {};
    const merged = {};
    for (const id of ids) Object.assign(merged, this.outputs.get(id));
    return merged;
  }

  /** The object that a plan's JSONPaths start from. What the caller said goes before what executors found out. */
  root(): JsonObject {
    const found = Object.fromEntries([...this.found].map(([name, { value }]) => [name, value]));
    const metadata = { ...found, ...this.metadata, ...objectIn(this.input.metadata) };
    return { ...this.input, input: this.input, metadata, nodes: this.nodes };
  }

  /** Among nodes that ran side by side the one later in the plan wins, so that timing changes nothing. */
  private findMetadata(metadata: JsonObject, rank: number): void {
    for (const [name, value] of Object.entries(metadata)) {
      if ((this.found.get(name)?.rank ?? -1) <= rank) this.found.set(name, { rank, value });
    }
  }
}
