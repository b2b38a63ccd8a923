import { createHash } from 'node:crypto';
import { findSecrets, isPlaceholder } from '@m3/secrets';
import type { Bundle } from './bundle.js';
import type { FindingCode } from './finding-rules.js';
import { type Finding, finding } from './findings.js';
import { toPointer } from './json-document.js';
import { lintSecrets } from './secret-lint.js';
import { type ArtifactText, type Page, pagesOf, type Part, textsOf } from './secret-texts.js';

/** A secret that somebody decided to leave where it is: its digest as a finding shows it, and why. */
export interface AllowedSecret {
  readonly digest: string;
  readonly reason: string;
}

/** The digest by which findings and allow-lists name a secret: the first twelve hexadecimal digits of its SHA-256. */
export function secretDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 12);
}

/**
 * Looks for secrets in every text of a bundle. A finding says where, of what kind, and a short digest; never the secret.
 * Allowed are secrets whose digest is listed with a reason. Texts are scanned in pieces of bounded size.
 */
export async function scanSecrets(
  bundle: Bundle,
  { allow = [] }: { readonly allow?: readonly AllowedSecret[] } = {},
): Promise<Finding[]> {
  const allowed = new Set(allow.filter(({ reason }) => reason.trim() !== '').map(({ digest }) => digest));
  const secrets: FoundSecret[] = [];
  for (const page of pagesOf(textsOf(bundle))) {
    const found = await secretsOn(page);
    secrets.push(...found.filter(({ secret }) => !allowed.has(secretDigest(secret))));
    if (secrets.length >= enough) break;
  }
  const names = secrets.filter(({ source }) => source.field === '').map(({ secret }) => toPointer([secret]).slice(1));
  return distinct(secrets.map((found) => toFinding(found, names)));
}

/** After so many secrets a bundle is refused all the same, and the scan ends. */
const enough = 500;

interface FoundSecret {
  readonly source: ArtifactText;
  readonly code: Extract<FindingCode, `secret.${string}`>;
  readonly what: string;
  readonly secret: string;
}

async function secretsOn(page: Page): Promise<FoundSecret[]> {
  const own = page.parts
    .flatMap((part) => {
      const text = page.content.slice(part.start, part.end);
      return findSecrets(part.source.field, text).map((found) => ({
        ...found,
        part,
        text: text.slice(found.start, found.end),
      }));
    })
    .slice(0, enough);
  const linted = (await lintSecrets(page.content)).flatMap(({ what, start, end }) => {
    const part = partAt(page.parts, start, end);
    if (!part) return [];
    const [from, to] = [Math.max(start, part.start), Math.min(end, part.end)];
    const text = page.content.slice(from, to);
    const known = own.some(
      (found) => found.part === part && overlaps(found, { start: from - part.start, end: to - part.start }),
    );
    return known || isPlaceholder(text) ? [] : [{ code: 'secret.known_format' as const, what, part, text }];
  });
  return [...distinctSpans(own), ...linted].map(({ part, code, what, text }) => ({
    source: part.source,
    code,
    what,
    secret: text,
  }));
}

/** Of several rules that saw the same stretch of a text, the first one speaks. */
function distinctSpans<Found extends { part: Part; start: number; end: number }>(found: readonly Found[]): Found[] {
  return found.filter(
    (one, index) => !found.slice(0, index).some((other) => other.part === one.part && overlaps(other, one)),
  );
}

function overlaps(a: { start: number; end: number }, b: { start: number; end: number }): boolean {
  return a.start < b.end && b.start < a.end;
}

/** The part that a stretch of the page lies in; a rule that also matched the field's name begins just before it. */
function partAt(parts: readonly Part[], start: number, end: number): Part | undefined {
  return parts.find((part) => part.start < end && start < part.end);
}

function toFinding({ source, code, what, secret }: FoundSecret, secretNames: readonly string[]): Finding {
  const digest = secretDigest(secret);
  const path = secretNames.reduce((text, name) => text.replaceAll(name, '…'), source.path);
  const where = source.field === '' ? 'The name of a field here is' : 'The text here holds';
  const found = finding(code, { artifact: source.artifact, path }, `${where} ${what} (digest ${digest}).`);
  return { ...found, digest };
}

function distinct(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ artifact, path, digest }) => {
    const key = JSON.stringify([artifact, path, digest]);
    return seen.has(key) ? false : seen.add(key);
  });
}
