import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [first, second] = ['7b1f2c7e-0000-4000-8000-000000000001', '7b1f2c7e-0000-4000-8000-000000000002'];

const node = (taskId: string | undefined, dependencies: readonly (string | undefined)[]) => ({
  task_id: taskId,
  query_str: 'extract',
  dependencies,
  node_type: 'COMPUTE',
  definition: { method: 'EXECUTOR_ENDPOINT', endpoint: 'extractor://document/extract', params: {} },
});

export const goodPlan = { nodes: [node(first, []), node(second, [first])] };
export const cyclicPlan = { nodes: [node(first, [second]), node(second, [first])] };

/** A release folder in a folder of its own. */
export class ReleaseFolder {
  private readonly parent = mkdtempSync(join(tmpdir(), 'm3-release-'));
  readonly path: string;

  constructor(name = 'invoice-pipeline') {
    this.path = join(this.parent, name);
    this.write('workflows/invoice-extraction.json', goodPlan);
    this.write('agents/reviewer.yaml', 'name: reviewer\nbackend: openai\n');
  }

  write(file: string, content: unknown): void {
    const path = join(this.path, file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }

  remove(): void {
    rmSync(this.parent, { recursive: true });
  }
}
