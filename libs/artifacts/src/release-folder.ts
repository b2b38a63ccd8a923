import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { Dirent } from 'node:fs';
import { collections } from './bundle.js';
import {
  artifactKinds,
  type ArtifactKind,
  type ArtifactRef,
  type Finding,
  finding,
  hasErrors,
  readable,
  theBundle,
} from './findings.js';
import { isRecord } from './json-document.js';
import { type BundleLimits, type BundleReading, defaultBundleLimits, parseBundle } from './parse-bundle.js';
import { parseArtifactFile } from './release-file.js';

/** A bundle read from a folder, with warnings at most; or why there is none. */
export type FolderReading =
  | (Extract<BundleReading, { ok: true }> & { readonly warnings: readonly Finding[] })
  | Extract<BundleReading, { ok: false }>;

const extensions: Readonly<Record<ArtifactKind, readonly string[]>> = {
  workflow: ['.json'],
  agent: ['.json', '.yaml', '.yml'],
  processor: ['.json'],
  test: ['.json'],
};

/**
 * Reads a release folder as M3 Forge keeps it in Git: `workflows/*.json`, `agents/*.json|yaml`, `processors/*.json`,
 * `tests/*.json`, and optionally `release.json` with `{"requires": {…}}`. A file's name is the artifact's name unless the
 * document has one; a workflow file may be the plan itself. Links that lead out of the folder are refused.
 */
export async function readReleaseFolder(
  folder: string,
  limits: BundleLimits = defaultBundleLimits,
): Promise<FolderReading> {
  const root = await realpath(folder).catch(() => null);
  if (root === null || !(await stat(root)).isDirectory()) return refused(unreadable(folder, 'it is not a folder'));
  const reader = new FolderReader(root, limits);
  const bundle: Record<string, unknown> = {};
  for (const kind of artifactKinds) bundle[collections[kind]] = await reader.artifacts(kind);
  Object.assign(bundle, await reader.release());
  if (hasErrors(reader.findings)) return { ok: false, findings: reader.findings };
  const reading = parseBundle(bundle, limits);
  if (!reading.ok) return { ok: false, findings: [...reading.findings, ...reader.findings] };
  return { ...reading, warnings: reader.findings };
}

class FolderReader {
  readonly findings: Finding[] = [];
  private bytes = 0;

  constructor(
    private readonly root: string,
    private readonly limits: BundleLimits,
  ) {}

  async artifacts(kind: ArtifactKind): Promise<unknown[]> {
    const folder = collections[kind];
    const entries = await this.entries(folder);
    const artifacts: unknown[] = [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory() || !extensions[kind].includes(extname(entry.name))) this.unknownFile(path);
      else artifacts.push(...(await this.artifact(kind, path)));
    }
    return artifacts;
  }

  /** The `requires` of `release.json`, if there is such a file. */
  async release(): Promise<Record<string, unknown>> {
    const path = 'release.json';
    if (!(await stat(join(this.root, path)).catch(() => null))) return {};
    const [document] = await this.artifact('bundle', path);
    return document ?? {};
  }

  /** What a folder holds; one that does not exist holds nothing. */
  private async entries(folder: string): Promise<Dirent[]> {
    return readdir(join(this.root, folder), { withFileTypes: true }).catch((error: unknown) => {
      if (!isMissing(error)) this.refuse(unreadable(folder, 'it is not a folder that can be listed'));
      return [];
    });
  }

  private async artifact(kind: ArtifactRef['kind'], path: string): Promise<Record<string, unknown>[]> {
    const text = await this.text(path);
    const reading = text === null ? null : await parseArtifactFile(kind, path, text, this.limits);
    if (!reading) return [];
    if (reading.ok) return [reading.document];
    this.findings.push(...reading.findings);
    return [];
  }

  private async text(path: string): Promise<string | null> {
    const found = await realpath(join(this.root, path)).catch(() => null);
    if (found === null) return this.refuse(unreadable(path, 'it cannot be opened'));
    if (relative(this.root, found).split(sep)[0] === '..') return this.refuse(outside(path));
    const facts = await stat(found);
    if (!facts.isFile()) return this.refuse(unreadable(path, 'it is not a file'));
    this.bytes += facts.size;
    if (this.bytes > this.limits.bytes) {
      const text = `The folder holds more than ${this.limits.bytes} bytes of artifacts.`;
      return this.refuse(finding('bundle.too_large', { artifact: theBundle }, text));
    }
    return readFile(found, 'utf8').catch(() => this.refuse(unreadable(path, 'it cannot be read')));
  }

  private unknownFile(path: string): void {
    this.findings.push(finding('folder.unknown_file', { artifact: theBundle }, `${readable(path)} is not read.`));
  }

  private refuse(found: Finding): null {
    this.findings.push(found);
    return null;
  }
}

function isMissing(error: unknown): boolean {
  return isRecord(error) && error['code'] === 'ENOENT';
}

function unreadable(path: string, reason: string): Finding {
  return finding('folder.unreadable', { artifact: theBundle }, `${readable(path)} was refused: ${reason}.`);
}

function outside(path: string): Finding {
  return finding('folder.link_outside', { artifact: theBundle }, `${readable(path)} is a link out of the folder.`);
}

function refused(found: Finding): FolderReading {
  return { ok: false, findings: [found] };
}
