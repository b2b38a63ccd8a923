import { valid, validRange } from 'semver';
import type { TSchema } from '@sinclair/typebox';
import { Agent, Bundle, collections, namePattern, Processor, Requirements, Workflow, WorkflowTest } from './bundle.js';
import { type Checker, checker, type SchemaBreach } from './json-schema.js';
import { checkJsonValue, isRecord, type JsonLimits, type JsonProblem } from './json-document.js';
import { parseJson } from './json-text.js';
import { type ArtifactKind, type ArtifactRef, type Finding, finding, readable, theBundle } from './findings.js';

/** How large a bundle may be: see {@link JsonLimits}; `nodes` counts the nodes of all plans. */
export interface BundleLimits extends JsonLimits {
  readonly artifacts: number;
  readonly nodes: number;
}

/** 32 MiB, 64 levels, 2 million values, 10,000 artifacts, 100,000 plan nodes. */
export const defaultBundleLimits: BundleLimits = {
  bytes: 32 * 1024 * 1024,
  depth: 64,
  values: 2_000_000,
  artifacts: 10_000,
  nodes: 100_000,
};

/** A bundle, or why there is none. */
export type BundleReading =
  { readonly ok: true; readonly bundle: Bundle } | { readonly ok: false; readonly findings: readonly Finding[] };

const checkers = {
  workflow: checker<TSchema>(Workflow),
  agent: checker<TSchema>(Agent),
  processor: checker<TSchema>(Processor),
  test: checker<TSchema>(WorkflowTest),
} satisfies Record<ArtifactKind, Checker<unknown>>;
const requirements = checker(Requirements);
const wholeBundle = checker(Bundle);
const validName = new RegExp(namePattern);

/**
 * Reads a bundle from JSON text or from a value that was parsed already. Sizes are checked before anything is built on
 * them. Missing lists count as empty. Plans are taken as they are: {@link validateBundle} judges them. Never throws.
 */
export function parseBundle(input: unknown, limits: BundleLimits = defaultBundleLimits): BundleReading {
  const document = readDocument(input, limits);
  if ('problem' in document) return refused(ofProblem(document.problem));
  const { value } = document;
  if (!isRecord(value)) return refused(finding('bundle.schema', { artifact: theBundle }, 'A bundle is a JSON object.'));
  const findings = contentFindings(value, limits);
  if (findings.length > 0) return refused(...findings);
  const bundle = { workflows: [], agents: [], processors: [], tests: [], ...value };
  if (wholeBundle.is(bundle)) return { ok: true, bundle };
  return refused(finding('bundle.schema', { artifact: theBundle }, 'The bundle does not have the documented shape.'));
}

function readDocument(input: unknown, limits: BundleLimits): { value: unknown } | { problem: JsonProblem } {
  const document = typeof input === 'string' ? parseJson(input, limits) : { value: input };
  if ('problem' in document) return document;
  const problem = checkJsonValue(document.value, limits);
  return problem ? { problem } : document;
}

function contentFindings(bundle: Record<string, unknown>, limits: BundleLimits): Finding[] {
  const findings = [
    ...fieldFindings(bundle),
    ...requirementFindings(bundle['requires']),
    ...sizeFindings(bundle, limits),
  ];
  return findings.length > 0 ? findings : artifactFindings(bundle);
}

/** What the shape of one artifact breaches; empty when it is as documented. */
export function artifactShapeFindings(kind: ArtifactKind, value: unknown): Finding[] {
  const name = isRecord(value) ? value['name'] : undefined;
  const artifact = { kind, name: typeof name === 'string' ? readable(name) : '' };
  if (typeof name === 'string' && !validName.test(name)) {
    return [
      finding(
        'bundle.invalid_name',
        { artifact, path: '/name' },
        `"${readable(name)}" cannot be the name of a ${kind}.`,
      ),
    ];
  }
  const breach = checkers[kind].breach(value);
  return breach ? [ofBreach(breach, artifact)] : [];
}

function ofProblem(problem: JsonProblem): Finding {
  return finding(
    `bundle.${problem.kind}`,
    { artifact: theBundle, path: problem.path },
    `The bundle was refused: ${problem.reason}.`,
  );
}

function ofBreach(breach: SchemaBreach, artifact: ArtifactRef): Finding {
  const field = breach.field === undefined ? '' : ` "${readable(breach.field)}"`;
  if (breach.keyword === 'additionalProperties') {
    return finding('bundle.unknown_field', { artifact, path: breach.path }, `The field${field} is not known here.`);
  }
  const place = breach.path === '' ? `the ${artifact.kind}` : readable(breach.path);
  return finding('bundle.schema', { artifact, path: breach.path }, `${place}: ${breach.reason}.`);
}

function fieldFindings(bundle: Record<string, unknown>): Finding[] {
  const lists: readonly string[] = Object.values(collections);
  return Object.entries(bundle).flatMap(([field, value]) => {
    const place = { artifact: theBundle, path: `/${readable(field)}` };
    if (lists.includes(field)) {
      return Array.isArray(value) ? [] : [finding('bundle.schema', place, `"${field}" is a list of artifacts.`)];
    }
    return field === 'requires'
      ? []
      : [finding('bundle.unknown_field', place, `"${readable(field)}" is not a part of a bundle.`)];
  });
}

function requirementFindings(requires: unknown): Finding[] {
  if (requires === undefined) return [];
  const breach = requirements.breach(requires);
  if (breach) return [ofBreach({ ...breach, path: `/requires${breach.path}` }, theBundle)];
  if (!requirements.is(requires) || requires.marie === undefined || isRange(requires.marie)) return [];
  const text = `"${readable(requires.marie)}" is not a range of versions.`;
  return [finding('bundle.invalid_range', { artifact: theBundle, path: '/requires/marie' }, text)];
}

function isRange(range: string): boolean {
  return valid(range) !== null || validRange(range) !== null;
}

function sizeFindings(bundle: Record<string, unknown>, limits: BundleLimits): Finding[] {
  const lists = Object.values(collections).map((list) => listOf(bundle, list));
  const artifacts = lists.reduce((sum, list) => sum + list.length, 0);
  const findings: Finding[] = [];
  const place = { artifact: theBundle };
  if (artifacts === listOf(bundle, 'tests').length) {
    findings.push(finding('bundle.empty', place, 'The bundle holds no workflow, agent or processor.'));
  }
  if (artifacts > limits.artifacts) {
    findings.push(
      finding('bundle.too_many_artifacts', place, `The bundle holds more than ${limits.artifacts} artifacts.`),
    );
  }
  const nodes = lists.flat().reduce((sum: number, artifact) => sum + nodeCount(artifact), 0);
  if (nodes > limits.nodes) {
    findings.push(finding('bundle.too_many_nodes', place, `The plans hold more than ${limits.nodes} nodes.`));
  }
  return findings;
}

function nodeCount(artifact: unknown): number {
  if (!isRecord(artifact)) return 0;
  const plan = artifact['plan'] ?? artifact['query_plan_snapshot'];
  const nodes = isRecord(plan) ? plan['nodes'] : undefined;
  return Array.isArray(nodes) ? nodes.length : 0;
}

function artifactFindings(bundle: Record<string, unknown>): Finding[] {
  const kinds: readonly ArtifactKind[] = ['workflow', 'agent', 'processor', 'test'];
  return kinds.flatMap((kind) => {
    const artifacts = listOf(bundle, collections[kind]);
    return [...artifacts.flatMap((artifact) => artifactShapeFindings(kind, artifact)), ...duplicates(kind, artifacts)];
  });
}

function duplicates(kind: ArtifactKind, artifacts: readonly unknown[]): Finding[] {
  const seen = new Set<string>();
  return artifacts.flatMap((artifact) => {
    const name = isRecord(artifact) ? artifact['name'] : undefined;
    if (typeof name !== 'string') return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const place = { artifact: { kind, name: readable(name) } };
    return [finding('bundle.duplicate_name', place, `Two artifacts of kind ${kind} are named "${readable(name)}".`)];
  });
}

function listOf(bundle: Record<string, unknown>, list: string): readonly unknown[] {
  const value = bundle[list];
  return Array.isArray(value) ? value : [];
}

function refused(...findings: Finding[]): BundleReading {
  return { ok: false, findings };
}
