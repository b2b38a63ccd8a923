import type { EventData } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

/** What the read model keeps of a version: its tag, and how often it was refused with another bundle. */
export type VersionRow = Omit<EventData<'VersionTagged'>, 'requires_marie'> & {
  readonly requires_marie: string | null;
  readonly conflicts: number;
};

/** Id of a version's row. Neither part can hold a slash. */
export function versionKey(project: string, version: string): string {
  return `${project}/${version}`;
}

export const versions: Projection<VersionRow> = {
  table: 'version',
  keyOf: ({ data }) => {
    if (!('project' in data && 'version' in data) || data.project === null || data.version === null) return null;
    return versionKey(data.project, data.version);
  },
  begins: {
    VersionTagged: ({ data }: LogEntry<'VersionTagged'>) => ({
      ...data,
      requires_marie: data.requires_marie ?? null,
      conflicts: 0,
    }),
  },
  changes: {
    VersionConflictDetected: (version) => ({ ...version, conflicts: version.conflicts + 1 }),
  },
  columns: ({ project }) => ({ project }),
};
