import { compareVersions } from '@m3/artifacts';
import type { StoredTargetDocument } from '@m3/contracts';
import { takesVersion, type TriggeringTag } from './target-document.js';

/** What a target runs. */
export interface ActiveVersion {
  readonly project: string;
  readonly version: string;
}

/** What a schedule would publish, or why it would publish nothing. */
export type Choice =
  | { readonly outcome: 'published'; readonly project: string; readonly version: string }
  | { readonly outcome: 'nothing_new'; readonly project: string; readonly version: string; readonly reason: string }
  | { readonly outcome: 'no_eligible_version'; readonly reason: string };

/** All that the choice of a version depends on. */
export interface ChoiceOfVersion {
  readonly document: StoredTargetDocument;
  readonly active: ActiveVersion | null;
  /** Keys of versions that this schedule has published to the target before, whatever became of them. */
  readonly published: ReadonlySet<string>;
  /** Versions that an operator has to release first. */
  readonly vetoed: readonly ActiveVersion[];
  /** In the order in which they were tagged. */
  readonly candidates: readonly TriggeringTag[];
}

export const versionKey = ({ project, version }: ActiveVersion): string => `${project} ${version}`;

/** Whose versions a target takes: of the project that it names, else of the one that it runs; null: of the one tagged last. */
export function projectOf({ triggers }: StoredTargetDocument, active: ActiveVersion | null): string | null {
  return triggers?.project ?? active?.project ?? null;
}

/** The pinned version, or the newest eligible one, if the target has yet to see it (spec section 5). */
export function chooseVersion(choice: ChoiceOfVersion): Choice {
  const { document, active, published } = choice;
  const newest = newestOf(choice);
  if (newest === null) return { outcome: 'no_eligible_version', reason: `${wanted(document)} was tagged` };
  const { project, version } = newest;
  const nothingNew = (reason: string): Choice => ({ outcome: 'nothing_new', project, version, reason });
  if (active?.project === project && compareVersions(version, active.version) <= 0)
    return nothingNew(`${active.version} is active`);
  if (published.has(versionKey(newest))) return nothingNew(`${version} was published by this schedule before`);
  return { outcome: 'published', project, version };
}

function newestOf({ document, active, vetoed, candidates }: ChoiceOfVersion): TriggeringTag | null {
  const refused = new Set(vetoed.map(versionKey));
  const eligible = candidates.filter((each) => isEligible(document, each) && !refused.has(versionKey(each)));
  const project = projectOf(document, active) ?? eligible.at(-1)?.project;
  return eligible
    .filter((candidate) => candidate.project === project)
    .reduce<TriggeringTag | null>((newest, each) => (newest && !isNewer(each, newest) ? newest : each), null);
}

const isNewer = (one: TriggeringTag, other: TriggeringTag): boolean => compareVersions(one.version, other.version) > 0;

/** A pinned version is eligible whatever its branch: somebody chose it by name. */
function isEligible({ schedule, triggers }: StoredTargetDocument, tagged: TriggeringTag): boolean {
  return schedule?.version === undefined ? takesVersion(triggers ?? {}, tagged) : tagged.version === schedule.version;
}

function wanted({ schedule, triggers = {} }: StoredTargetDocument): string {
  const of = triggers.project === undefined ? '' : ` of ${triggers.project}`;
  if (schedule?.version !== undefined) return `no version ${schedule.version}${of}`;
  const { version_pattern = 'v*.*.*', branch } = triggers;
  return `no version ${version_pattern}${of}${branch === undefined ? '' : ` on ${branch}`}`;
}
