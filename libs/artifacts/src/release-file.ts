import { basename, extname } from 'node:path';
import { type ArtifactRef, type Finding, finding, readable } from './findings.js';
import { checkJsonValue, isRecord, type JsonLimits, type JsonProblem } from './json-document.js';
import { parseJson } from './json-text.js';
import { parseYaml } from './yaml-document.js';

/** The document that a file of a release folder holds, or why it holds none. */
export type FileReading =
  | { readonly ok: true; readonly document: Record<string, unknown> }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Reads one file (JSON, or YAML by its extension) and gives the artifact the file's name unless it has one. */
export async function parseArtifactFile(
  kind: ArtifactRef['kind'],
  path: string,
  text: string,
  limits: JsonLimits,
): Promise<FileReading> {
  const extension = extname(path);
  const fileName = basename(path, extension);
  const artifact: ArtifactRef = { kind, name: kind === 'bundle' ? '' : readable(fileName) };
  const parsed = extension === '.json' ? fromJson(text, limits) : await fromYaml(text, limits);
  if ('code' in parsed) return refused(parsed.code, artifact, `${readable(path)} was refused: ${parsed.reason}.`);
  const problem = checkJsonValue(parsed.value, limits);
  if (problem) return refused(`bundle.${problem.kind}`, artifact, `${readable(path)} was refused: ${problem.reason}.`);
  if (!isRecord(parsed.value))
    return refused('bundle.schema', artifact, `${readable(path)} does not hold a JSON object.`);
  return { ok: true, document: kind === 'bundle' ? parsed.value : named(asArtifact(kind, parsed.value), fileName) };
}

type Parsed =
  | { readonly value: unknown }
  | { readonly code: `bundle.${JsonProblem['kind']}` | 'folder.invalid_yaml'; readonly reason: string };

function fromJson(text: string, limits: JsonLimits): Parsed {
  const parsed = parseJson(text, limits);
  return 'value' in parsed ? parsed : { code: `bundle.${parsed.problem.kind}`, reason: parsed.problem.reason };
}

async function fromYaml(text: string, limits: JsonLimits): Promise<Parsed> {
  const parsed = await parseYaml(text, limits.depth);
  if ('value' in parsed) return parsed;
  return 'tooLarge' in parsed
    ? { code: 'bundle.too_large', reason: parsed.tooLarge }
    : { code: 'folder.invalid_yaml', reason: parsed.invalid };
}

/** A workflow file may be just the plan, as Marie exports it. */
function asArtifact(kind: ArtifactRef['kind'], document: Record<string, unknown>): Record<string, unknown> {
  if (kind !== 'workflow' || 'plan' in document || !('nodes' in document)) return document;
  const { name, description, ...plan } = document;
  return { ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }), plan };
}

function named(document: Record<string, unknown>, fileName: string): Record<string, unknown> {
  return { ...document, name: document['name'] ?? fileName };
}

function refused(code: Finding['code'], artifact: ArtifactRef, message: string): FileReading {
  return { ok: false, findings: [finding(code, { artifact }, message)] };
}
