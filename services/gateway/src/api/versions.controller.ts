import { Body, Param, Query } from '@nestjs/common';
import {
  maxInlineBundleBytes,
  ProjectName,
  VersionChanges,
  VersionChangesQuery,
  VersionDetail,
  VersionList,
  VersionListQuery,
  VersionName,
  VersionTagAccepted,
  VersionTaggedData,
} from '@m3/contracts';
import { CommandDesk } from '../commands/command-desk.js';
import { AskedBy, type Asked } from '../commands/asked.js';
import { refuse } from '../http/problem-error.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { VersionReader } from '../read-models/version-reader.js';
import { CompareVersions } from './compare-versions.js';
import { foundOrRefuse } from './found-or-refuse.js';

/** Versions of projects: tags, and where they run. */
@ApiController('versions')
export class VersionsController {
  constructor(
    private readonly versions: VersionReader,
    private readonly comparisons: CompareVersions,
    private readonly commands: CommandDesk,
  ) {}

  @Route({
    method: 'GET',
    path: '',
    summary: 'List versions, newest first',
    roles: roles.readers,
    query: VersionListQuery,
    reply: { schema: VersionList },
  })
  list(@Query() query: VersionListQuery) {
    return this.versions.list(query);
  }

  @Route({
    method: 'GET',
    path: ':project/:version',
    summary: 'Show a version: its artifacts, where it runs and where it failed',
    roles: roles.readers,
    params: { project: ProjectName, version: VersionName },
    reply: { schema: VersionDetail },
  })
  async show(@Param('project') project: string, @Param('version') version: string) {
    return foundOrRefuse(await this.versions.detail(project, version), `version ${version} of "${project}"`);
  }

  @Route({
    method: 'GET',
    path: ':project/:version/changes',
    summary: 'What a version changes against another one, by default the one before it by precedence',
    roles: roles.readers,
    params: { project: ProjectName, version: VersionName },
    query: VersionChangesQuery,
    reply: { schema: VersionChanges },
  })
  changes(
    @Param('project') project: string,
    @Param('version') version: string,
    @Query() { from }: VersionChangesQuery,
    @AskedBy() asked: Asked,
  ): Promise<VersionChanges> {
    return this.comparisons.run({ project, version, from }, asked);
  }

  @Route({
    method: 'POST',
    path: '',
    summary: 'Tag a version; every target with a matching trigger gets a publish',
    roles: roles.taggers,
    body: { schema: VersionTaggedData, size: 'bundle' },
    reply: { schema: VersionTagAccepted },
  })
  tag(@Body() tag: VersionTaggedData, @AskedBy() asked: Asked) {
    if ('inline' in tag.bundle && Buffer.byteLength(JSON.stringify(tag.bundle.inline)) > maxInlineBundleBytes) {
      const limit = `${maxInlineBundleBytes / 1024} KiB`;
      throw refuse('body_too_large', `A bundle over ${limit} travels by uri: put it into S3 and give uri and sha256.`, {
        field: '/bundle/inline',
      });
    }
    return this.commands.run('targets.tag', { ...asked, tag });
  }
}
