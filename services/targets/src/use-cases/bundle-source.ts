import { canonicalBundle, parseBundle, type Bundle } from '@m3/artifacts';
import { maxInlineBundleBytes, sha256, type VersionTaggedData } from '@m3/contracts';
import type { Refusal } from '@m3/decider';

export type BundleRead =
  | { readonly ok: true; readonly bundle: Bundle }
  | { readonly ok: false; readonly rejection: Refusal; readonly findings?: readonly unknown[] };

/** Fetches the text that an `s3://bucket/key` address names; a value for what can never work, a throw for what may work later. */
export type FetchBundle = (uri: string) => Promise<{ readonly text: string } | { readonly missing: string }>;

/** Gets the bundle that a tag speaks of, and checks it against its digest. */
export class BundleSource {
  constructor(private readonly fetch: FetchBundle) {}

  async read({ bundle }: VersionTaggedData): Promise<BundleRead> {
    return 'inline' in bundle ? readInline(bundle) : this.readByUri(bundle);
  }

  private async readByUri({
    uri,
    sha256: digest,
  }: {
    readonly uri: string;
    readonly sha256: string;
  }): Promise<BundleRead> {
    const fetched = await this.fetch(uri);
    if ('missing' in fetched) return refused('bundle_unreadable', fetched.missing, 'data.bundle.uri');
    if (sha256(fetched.text) !== digest) {
      return refused(
        'bundle_digest_mismatch',
        `the object at ${uri} has the digest ${sha256(fetched.text)}, not ${digest}`,
        'data.bundle.sha256',
      );
    }
    return parsed(fetched.text);
  }
}

function readInline({ inline, sha256: digest }: { readonly inline: object; readonly sha256?: string }): BundleRead {
  const read = parsed(inline);
  if (!read.ok) return read;
  const text = canonicalBundle(read.bundle);
  if (Buffer.byteLength(text) > maxInlineBundleBytes) {
    return refused(
      'bundle_too_large',
      'a bundle over 512 KiB travels by uri: put it into S3 and send uri and sha256',
      'data.bundle.inline',
    );
  }
  if (digest !== undefined && digest !== sha256(text)) {
    return refused(
      'bundle_digest_mismatch',
      `the bundle's canonical JSON has the digest ${sha256(text)}, not ${digest}`,
      'data.bundle.sha256',
    );
  }
  return read;
}

function parsed(input: unknown): BundleRead {
  const reading = parseBundle(input);
  if (reading.ok) return reading;
  const [first] = reading.findings;
  const rejection = {
    code: 'invalid_bundle',
    detail: first?.message ?? 'the bundle cannot be read',
    field: `data.bundle${(first?.path ?? '').replaceAll('/', '.')}`,
  };
  return { ok: false, rejection, findings: reading.findings };
}

function refused(code: string, detail: string, field: string): BundleRead {
  return { ok: false, rejection: { code, detail, field } };
}
