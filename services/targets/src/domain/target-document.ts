import { matchesVersionPattern } from '@m3/artifacts';
import type { StoredTargetDocument } from '@m3/contracts';

/** What a trigger looks at. */
export interface TriggeringTag {
  readonly project: string;
  readonly version: string;
  readonly branch: string;
}

/** Whether a tag starts a publish to a target by itself (spec section 5). */
export function isTriggeredBy({ type, triggers = {} }: StoredTargetDocument, tag: TriggeringTag): boolean {
  return type === 'auto_deploy' && triggers.on_version_tag !== false && takesVersion(triggers, tag);
}

/** Whether a version is of the pattern, branch and project that a target takes; what is left out takes any. */
export function takesVersion(triggers: NonNullable<StoredTargetDocument['triggers']>, tag: TriggeringTag): boolean {
  const { version_pattern = 'v*.*.*', branch = tag.branch, project = tag.project } = triggers;
  return project === tag.project && branch === tag.branch && matchesVersionPattern(version_pattern, tag.version);
}
