import { basename, dirname, resolve } from 'node:path';
import { canonicalDigest, maxInlineBundleBytes, MeReply, ProjectName, type VersionTaggedData } from '@m3/contracts';
import type { Bundle } from '@m3/artifacts';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { isoTimeExample, utcTime } from '../iso-time.js';
import { gitFacts } from './git.js';
import type { Release } from './read-release.js';

/** What the person said about the version; the rest comes from the folder, from Git and from the token. */
export interface TagOptions {
  readonly dir: string;
  readonly project?: string | undefined;
  readonly branch?: string | undefined;
  readonly commit?: string | undefined;
  readonly by?: string | undefined;
  readonly taggedAt?: string | undefined;
  readonly bundleUri?: string | undefined;
}

export interface TagRequest {
  readonly version: string;
  readonly release: Release;
  readonly options: TagOptions;
}

/** The body of `POST /versions`. @throws CliError that names the option which is missing or wrong */
export async function tagOf(cli: Cli, { version, release, options }: TagRequest): Promise<VersionTaggedData> {
  if (release.bundle === null || release.digest === null)
    throw new TypeError('a release without a bundle cannot be tagged');
  const root = rootOf(cli.surroundings.cwd, options.dir);
  const project = projectOf(options.project, root);
  const bundle = await bundleOf(release.bundle, release.digest, options);
  const git = await gitFacts(root);
  const branch = required('branch', options.branch ?? git.branch);
  const commit = required('commit', options.commit ?? git.commit);
  const taggedAt = timeOf(options.taggedAt ?? new Date().toISOString());
  const taggedBy = options.by ?? (await cli.api.get('me', MeReply)).id;
  const requires = release.bundle.requires === undefined ? {} : { requires: release.bundle.requires };
  return { project, version, branch, commit, tagged_by: taggedBy, tagged_at: taggedAt, bundle, ...requires };
}

/** The same request has the same key, however often it is sent. */
export function idempotencyKeyOf(tag: VersionTaggedData): string {
  return `tag-${canonicalDigest(tag).slice('sha256:'.length)}`;
}

function rootOf(cwd: string, dir: string): string {
  const path = resolve(cwd, dir);
  return path.endsWith('.json') ? dirname(path) : path;
}

function projectOf(given: string | undefined, root: string): string {
  const project = given ?? basename(root);
  if (new RegExp(ProjectName.pattern ?? '').test(project)) return project;
  const source = given === undefined ? 'the name of the folder' : 'the project';
  throw new CliError('project_invalid', `${source}, "${project}", cannot be the name of a project`, {
    field: 'project',
    remedy: 'give --project with small letters, digits and hyphens, e.g. invoice-pipeline',
  });
}

async function bundleOf(
  bundle: Bundle,
  digest: string,
  { dir, bundleUri }: TagOptions,
): Promise<VersionTaggedData['bundle']> {
  if (bundleUri !== undefined) return { uri: bundleUri, sha256: digest };
  const { canonicalBundle } = await import('@m3/artifacts');
  const bytes = Buffer.byteLength(canonicalBundle(bundle));
  if (bytes <= maxInlineBundleBytes) return { inline: bundle, sha256: digest };
  throw new CliError(
    'bundle_too_large',
    `the bundle has ${bytes} bytes; over ${maxInlineBundleBytes} it travels by S3`,
    {
      field: 'bundle-uri',
      remedy: `write it with \`m3-publish version bundle ${dir} --out bundle.json\`, upload that file, and repeat with --bundle-uri s3://BUCKET/KEY`,
    },
  );
}

function required(option: 'branch' | 'commit', value: string | null): string {
  if (value !== null && value !== '') return value;
  throw new CliError(
    `${option}_unknown`,
    `the ${option} cannot be told: the folder is in no Git repository that says`,
    {
      field: option,
      remedy: `give --${option}`,
    },
  );
}

function timeOf(given: string): string {
  const time = utcTime(given);
  if (time !== null) return time;
  throw new CliError('time_invalid', `"${given}" is not a time`, {
    field: 'tagged-at',
    remedy: `give it as ${isoTimeExample}`,
  });
}
