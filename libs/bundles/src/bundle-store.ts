import { canonicalBundle, parseBundle, type Bundle } from '@m3/artifacts';
import { sha256 } from '@m3/contracts';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';

/** The log speaks of a bundle that is not there, or is not what its digest says. */
export class BundleMissingError extends Error {
  readonly code = 'bundle_missing';
}

const cacheBytes = 48 * 1024 * 1024;

/** Bundles by their digest. What a digest names never changes, so a bundle once read is kept in memory. */
export class BundleStore {
  private readonly kept = new LRUCache<string, Bundle>({ maxSize: cacheBytes, maxEntrySize: cacheBytes });

  constructor(private readonly pool: Pool) {}

  /** Stores a bundle; again is harmless. Returns digest and size in bytes of its canonical JSON. */
  async put(bundle: Bundle): Promise<{ readonly digest: string; readonly bytes: number }> {
    const content = canonicalBundle(bundle);
    const digest = sha256(content);
    await this.pool.query({
      name: 'store_bundle',
      text: 'insert into bundles.bundle (digest, content) values ($1, $2) on conflict do nothing',
      values: [digest, content],
    });
    return { digest, bytes: Buffer.byteLength(content) };
  }

  /** @throws BundleMissingError */
  async get(digest: string): Promise<Bundle> {
    const known = this.kept.get(digest);
    if (known) return known;
    const { rows } = await this.pool.query<{ content: string }>({
      name: 'read_bundle',
      text: 'select content from bundles.bundle where digest = $1',
      values: [digest],
    });
    const content = rows[0]?.content;
    if (content === undefined) throw new BundleMissingError(`there is no bundle ${digest}`);
    if (sha256(content) !== digest) throw new BundleMissingError(`the stored bundle ${digest} was altered`);
    const reading = parseBundle(content);
    if (!reading.ok) throw new BundleMissingError(`the stored bundle ${digest} cannot be read`);
    this.kept.set(digest, reading.bundle, { size: content.length });
    return reading.bundle;
  }
}
