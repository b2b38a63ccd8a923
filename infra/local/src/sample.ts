import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleDigest, readReleaseFolder } from '@m3/artifacts';
import { TargetsApplied, type VersionTaggedMessage } from '@m3/contracts';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { parse, stringify } from 'yaml';
import type { ApiClient } from './api-client.js';
import type { Sandbox } from './sandbox.js';

/** The version that `npm start` publishes. */
export const sampleVersion = { project: 'invoice-pipeline', version: 'v1.3.0' } as const;
/** Names of the sandboxes that the sample targets are in. */
export const sampleSandboxes = ['development', 'staging', 'production'] as const;
/** The target that takes every tag by itself. */
export const developmentTarget = 'Development';

const folder = new URL('../sample/', import.meta.url);
export const sampleReleaseFolder = fileURLToPath(new URL('invoice-pipeline', folder));
/** OSV records that the security gate of a local stack compares with. */
export const sampleVulnerabilities = fileURLToPath(new URL('vulnerabilities', folder));

/** The sample targets with the addresses of the sandboxes, as YAML. It holds passwords. */
export async function sampleTargets(sandboxes: ReadonlyMap<string, Sandbox>): Promise<string> {
  const text = await readFile(new URL('targets.yaml', folder), 'utf8');
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\$\{(\w+)\.(\w+)\}/g, (placeholder, name: string, field: string) => {
      const sandbox = sandboxes.get(name);
      if (sandbox === undefined) throw new Error(`targets.yaml: there is no sandbox for ${placeholder}`);
      return stringify(field === 'gateway_url' ? sandbox.gateway.url : sandbox.databaseUrl).trim();
    });
}

/** Brings the targets to what the YAML says, and says what that changed. @throws ApiError */
export async function applyTargets(api: ApiClient, yaml: string): Promise<string> {
  const documents: unknown = parse(yaml);
  if (typeof documents !== 'object' || documents === null) throw new Error('targets.yaml holds no targets');
  const { targets } = await api.post('targets', documents, TargetsApplied);
  return targets.map(({ name, outcome }) => `${name} ${outcome}`).join(', ');
}

/** The `version.tagged` message of the sample, as another service would send it. */
export async function sampleTag(): Promise<VersionTaggedMessage> {
  const reading = await readReleaseFolder(sampleReleaseFolder);
  if (!reading.ok) throw new Error(`the sample release: ${reading.findings[0]?.message ?? 'it cannot be read'}`);
  const { bundle } = reading;
  const taggedAt = new Date().toISOString();
  return {
    specversion: '1.0',
    id: `${sampleVersion.project}-${sampleVersion.version}`,
    source: 'm3-forge/sample',
    type: 'version.tagged',
    time: taggedAt,
    data: {
      ...sampleVersion,
      branch: 'main',
      commit: bundleDigest(bundle).slice('sha256:'.length).slice(0, 40),
      tagged_by: 'ann',
      tagged_at: taggedAt,
      bundle: { inline: bundle, sha256: bundleDigest(bundle) },
    },
  };
}

/** Puts a tag on the bus; resolves when the bus has it. */
export async function publishTag(natsUrl: string, tag: VersionTaggedMessage): Promise<void> {
  const connection = await connect({ servers: natsUrl, name: 'm3-sample', timeout: 5_000 });
  try {
    await jetstream(connection).publish(`version.tagged.${tag.data.project}`, JSON.stringify(tag), { msgID: tag.id });
  } finally {
    await connection.close();
  }
}
