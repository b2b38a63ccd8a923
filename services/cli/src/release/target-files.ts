import { readFile } from 'node:fs/promises';
import type { Document } from 'yaml';
import { CliError } from '../cli-error.js';
import type { Surroundings } from '../surroundings.js';

/** One target document and where it came from. */
export interface TargetSource {
  readonly document: object;
  /** `targets.yaml: Production US East` */
  readonly label: string;
}

/** The target documents of JSON or YAML files (`-`: stdin), in order. Their content is for the gateway to judge. */
export async function readTargetFiles(
  files: readonly string[],
  stdin: Pick<Surroundings, 'stdin'>,
): Promise<TargetSource[]> {
  const sources: TargetSource[] = [];
  for (const file of files) sources.push(...(await readOne(file, stdin)));
  return sources;
}

async function readOne(file: string, { stdin }: Pick<Surroundings, 'stdin'>): Promise<TargetSource[]> {
  const label = file === '-' ? 'stdin' : file;
  const text = file === '-' ? await textOf(stdin) : await readFile(file, 'utf8').catch(() => null);
  if (text === null) throw new CliError('file_unreadable', `${file} cannot be read`, { field: 'file' });
  const documents = (await parse(label, text)).flatMap(targetsIn);
  if (documents.length === 0) throw new CliError('no_targets', `${label} holds no target`, { field: 'file' });
  return documents.map((document, index) => {
    if (typeof document === 'object' && document !== null)
      return { document, label: `${label}: ${nameOf(document, index)}` };
    throw new CliError('target_invalid', `${label}: target ${index + 1} is not an object`, { field: 'file' });
  });
}

/** YAML 1.2 includes JSON; several documents may follow each other. */
async function parse(label: string, text: string): Promise<unknown[]> {
  const { parseAllDocuments } = await import('yaml');
  const documents = parseAllDocuments(text, { prettyErrors: false });
  const fault = documents.flatMap((document) => document.errors)[0];
  if (fault === undefined) return documents.map(contentOf);
  // The parser's own message may quote the text around the fault, and that may be a password: only the place is told.
  const line = text.slice(0, fault.pos[0]).split('\n').length;
  throw new CliError('file_malformed', `${label} is neither JSON nor YAML: line ${line} is malformed`, {
    field: 'file',
  });
}

function contentOf(document: Document.Parsed): unknown {
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  return content;
}

function targetsIn(content: unknown): readonly unknown[] {
  if (content === null || content === undefined) return [];
  if (Array.isArray(content)) return content;
  const targets: unknown = typeof content === 'object' ? Reflect.get(content, 'targets') : undefined;
  return Array.isArray(targets) ? targets : [content];
}

function nameOf(document: object, index: number): string {
  const name: unknown = Reflect.get(document, 'name');
  return typeof name === 'string' && name !== '' ? name : `target ${index + 1}`;
}

async function textOf(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of stream) text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}
