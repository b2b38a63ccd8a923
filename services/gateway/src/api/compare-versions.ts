import { Injectable } from '@nestjs/common';
import type { VersionChanges, VersionDetail } from '@m3/contracts';
import type { Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { refuse } from '../http/problem-error.js';
import { VersionReader } from '../read-models/version-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';

export interface Comparison {
  readonly project: string;
  readonly version: string;
  /** Undefined: the version before it by precedence. */
  readonly from: string | undefined;
}

/** Finds the two versions that are meant, and asks the owner of their bundles what differs. */
@Injectable()
export class CompareVersions {
  constructor(
    private readonly versions: VersionReader,
    private readonly commands: CommandDesk,
  ) {}

  /** @throws ProblemError when a version is not known, or the owner cannot say */
  async run({ project, version, from }: Comparison, asked: Asked): Promise<VersionChanges> {
    const newer = foundOrRefuse(await this.versions.detail(project, version), `version ${version} of "${project}"`);
    const older = await this.older({ project, version, from });
    const { bundle_digest } = newer;
    const changes = await this.commands.run('targets.changes', {
      ...asked,
      before: older?.bundle_digest ?? null,
      after: bundle_digest,
    });
    return {
      ...{ project, version, bundle_digest },
      from: older ? { version: older.version, bundle_digest: older.bundle_digest } : null,
      ...changes,
    };
  }

  private async older({ project, version, from }: Comparison): Promise<VersionDetail | undefined> {
    if (from === undefined) return this.versions.before(project, version);
    const older = await this.versions.detail(project, from);
    if (older) return older;
    throw refuse('not_found', `There is no version ${from} of "${project}".`, { field: '/from' });
  }
}
