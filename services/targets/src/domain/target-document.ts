import { matchesVersionPattern } from '@m3/artifacts';
import type { StoredTargetDocument, TargetDocument } from '@m3/contracts';

/** The document without its secret. */
export function withoutSecret({ database_url: _secret, ...rest }: TargetDocument): StoredTargetDocument {
  return rest;
}

/** Whether a tag starts a publish to a target by itself (spec section 5). */
export function isTriggeredBy(
  { type, triggers = {} }: StoredTargetDocument,
  tag: { readonly project: string; readonly version: string; readonly branch: string },
): boolean {
  const { on_version_tag = true, version_pattern = 'v*.*.*', branch = tag.branch, project = tag.project } = triggers;
  if (type !== 'auto_deploy' || !on_version_tag) return false;
  return project === tag.project && branch === tag.branch && matchesVersionPattern(version_pattern, tag.version);
}
