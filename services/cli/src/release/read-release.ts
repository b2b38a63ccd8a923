import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle, Finding } from '@m3/artifacts';
import { CliError } from '../cli-error.js';
import type { FileOf } from '../output/findings.js';

/** A release folder or bundle file, judged. `bundle` is null when not even its shape could be read. */
export interface Release {
  readonly bundle: Bundle | null;
  /** `sha256:…` over the canonical JSON of the bundle. */
  readonly digest: string | null;
  readonly findings: readonly Finding[];
  readonly fileOf: FileOf;
}

/** Reads a folder (as M3 Forge keeps releases in Git) or a bundle as one JSON file, and validates it offline. */
export async function readRelease(path: string): Promise<Release> {
  const facts = await stat(path).catch(() => null);
  if (facts === null) {
    throw new CliError('release_not_found', `${path} does not exist or cannot be read`, {
      remedy: 'name a release folder (workflows/, agents/, processors/, tests/) or a bundle.json',
    });
  }
  // Validation brings the secret scanner along: loaded only by the commands that need it.
  const { bundleDigest, scanSecrets, validateBundle } = await import('@m3/artifacts');
  const { reading, fileOf } = facts.isDirectory() ? await ofFolder(path) : await ofFile(path);
  if (!reading.ok) return { bundle: null, digest: null, findings: reading.findings, fileOf };
  const { bundle, warnings } = reading;
  const findings = [...validateBundle(bundle), ...(await scanSecrets(bundle)), ...warnings];
  return { bundle, digest: bundleDigest(bundle), findings, fileOf };
}

interface Read {
  readonly reading:
    | { readonly ok: true; readonly bundle: Bundle; readonly warnings: readonly Finding[] }
    | { readonly ok: false; readonly findings: readonly Finding[] };
  readonly fileOf: FileOf;
}

async function ofFolder(path: string): Promise<Read> {
  const { collections, readReleaseFolder } = await import('@m3/artifacts');
  const folders = new Map<string, string>(Object.entries(collections));
  const fileOf: FileOf = (kind, name) => {
    const folder = folders.get(kind);
    if (folder === undefined) return path;
    const candidates = ['json', 'yaml', 'yml'].map((extension) => `${folder}/${name}.${extension}`);
    return candidates.find((file) => existsSync(join(path, file))) ?? `${folder}/${name}`;
  };
  return { reading: await readReleaseFolder(path), fileOf };
}

async function ofFile(path: string): Promise<Read> {
  const { collections, parseBundle } = await import('@m3/artifacts');
  const folders = new Map<string, string>(Object.entries(collections));
  const reading = parseBundle(await readFile(path, 'utf8'));
  const fileOf: FileOf = (kind, name) => {
    const folder = folders.get(kind);
    return folder === undefined ? path : `${path}#${folder}/${name}`;
  };
  return { reading: reading.ok ? { ...reading, warnings: [] } : reading, fileOf };
}
