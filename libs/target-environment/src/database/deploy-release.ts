import pg from 'pg';
import type { Bundle } from '@m3/artifacts';
import { canonicalDigest } from '@m3/contracts';
import { manifestOf } from '../manifest.js';
import type { CallOptions } from '../deadline.js';
import { required, type TargetDatabase } from './target-database.js';

export interface Deployment {
  readonly project: string;
  readonly version: string;
  readonly bundle: Bundle;
  readonly bundleDigest: string;
  /** Fencing token of this attempt; an attempt with a lower one than the target has seen is refused. */
  readonly fence: number;
}

export interface Fenced {
  readonly outcome: 'fenced';
  /** The higher fence that the target has seen. */
  readonly current: number;
}

/** Why a write was refused, for whoever reads how a publish ended. */
export function fencedReason({ current }: Pick<Fenced, 'current'>): string {
  return `a newer attempt (fence ${current}) has taken over the target`;
}

export interface ArtifactCounts {
  readonly workflows: number;
  readonly agents: number;
  readonly processors: number;
}

export type DeployResult =
  | { readonly outcome: 'deployed' | 'already_deployed'; readonly counts: ArtifactCounts; readonly checksum: string }
  | Fenced
  /** `other_checksum`: the version is there with other contents. `not_storable`: PostgreSQL cannot keep a text of it (NUL, half a surrogate pair). */
  | { readonly outcome: 'conflict'; readonly reason: 'other_checksum'; readonly checksum: string }
  | { readonly outcome: 'conflict'; readonly reason: 'not_storable' | 'duplicate_name' };

interface StoredArtifact {
  readonly name: string;
  readonly content: unknown;
  readonly checksum: string;
}

type StoredArtifacts = Readonly<Record<keyof ArtifactCounts, readonly StoredArtifact[]>>;

const DUPLICATE = '23505';
/** SQLSTATEs of JSON text that `jsonb` does not take, and of two artifacts of a kind with one name. */
const UNFIT = ['22P02', '22P05', DUPLICATE];

/**
 * Puts a release with all its artifacts on the target, or nothing: one transaction, one round trip. The release does not
 * serve yet. Done again it changes nothing.
 */
export async function deployRelease(
  database: TargetDatabase,
  deployment: Deployment,
  call: CallOptions,
): Promise<DeployResult> {
  const { version, bundleDigest, fence } = deployment;
  const artifacts = storedArtifacts(deployment.bundle);
  try {
    const row = await database.row<{ result: StoredResult }>(
      `select ${database.schema}.publish_deploy($1, $2, $3, $4, $5) as result`,
      [checkedFence(fence), version, bundleDigest, JSON.stringify(manifestOf(deployment)), JSON.stringify(artifacts)],
      { ...call, expected: UNFIT },
    );
    return resultOf(required(row).result, countsOf(artifacts), bundleDigest);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return { outcome: 'conflict', reason: error.code === DUPLICATE ? 'duplicate_name' : 'not_storable' };
  }
}

type StoredResult =
  | { readonly outcome: 'deployed' | 'already_deployed' }
  | Fenced
  | { readonly outcome: 'conflict'; readonly checksum: string };

function resultOf(stored: StoredResult, counts: ArtifactCounts, checksum: string): DeployResult {
  switch (stored.outcome) {
    case 'deployed':
    case 'already_deployed':
      return { outcome: stored.outcome, counts, checksum };
    case 'fenced':
      return stored;
    case 'conflict':
      return { outcome: 'conflict', reason: 'other_checksum', checksum: stored.checksum };
  }
}

export type DiscardResult =
  | { readonly outcome: 'discarded' | 'already_absent' }
  /** It serves, or did: executions and rollbacks may need it. */
  | { readonly outcome: 'kept'; readonly reason: 'active' | 'routed' | 'was_active' }
  | Fenced;

/**
 * Takes a release away that never served. One transaction, one round trip. A deployment that is cancelled may still be on
 * its way: a fence higher than its own makes sure that it does not come after this.
 */
export async function discardRelease(
  database: TargetDatabase,
  { version, fence }: { readonly version: string; readonly fence: number },
  call: CallOptions,
): Promise<DiscardResult> {
  const row = await database.row<{ result: DiscardResult }>(
    `select ${database.schema}.publish_discard($1, $2) as result`,
    [checkedFence(fence), version],
    call,
  );
  return required(row).result;
}

/** A fence survives the way through JSON numbers only while it is a safe integer. */
export function checkedFence(fence: number): number {
  if (!Number.isSafeInteger(fence) || fence < 0) throw new RangeError('a fence is a non-negative safe integer');
  return fence;
}

function storedArtifacts(bundle: Bundle): StoredArtifacts {
  const stored = (name: string, content: unknown) => ({ name, content, checksum: canonicalDigest(content) });
  return {
    workflows: bundle.workflows.map(({ name, plan }) => stored(name, plan)),
    agents: bundle.agents.map((agent) => stored(agent.name, agent)),
    processors: bundle.processors.map((processor) => stored(processor.name, processor)),
  };
}

function countsOf(artifacts: StoredArtifacts): ArtifactCounts {
  return {
    workflows: artifacts.workflows.length,
    agents: artifacts.agents.length,
    processors: artifacts.processors.length,
  };
}
