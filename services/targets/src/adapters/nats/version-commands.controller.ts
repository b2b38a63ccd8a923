import { taggerRefusal } from '@m3/policies';
import { answer, HandleCommand, RUNTIME, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { CompareBundles } from '../../use-cases/compare-bundles.js';
import { PublishOnRequest } from '../../use-cases/request-publish.js';
import { TagVersion } from '../../use-cases/tag-version.js';
import { commandContext } from './command-context.js';

/** Operators' commands on versions: tag one, compare two, publish one. */
@Controller()
export class VersionCommandsController {
  constructor(
    private readonly versions: TagVersion,
    private readonly publishes: PublishOnRequest,
    private readonly bundles: CompareBundles,
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
  ) {}

  @HandleCommand('targets.tag')
  tag(@Payload() payload: unknown) {
    return answer('targets.tag', payload, async (command) => {
      const impersonation = taggerRefusal(command.tag.tagged_by, command.caller);
      if (impersonation) return impersonation;
      const source = { source: 'api', id: command.command_id };
      const tagged = await this.versions.tag(command.tag, source, commandContext(this.runtime, command));
      if (tagged.outcome === 'rejected') return tagged;
      const { project, version } = command.tag;
      return { outcome: 'accepted', result: { ...tagged, project, version } };
    });
  }

  @HandleCommand('targets.changes')
  changes(@Payload() payload: unknown) {
    return answer('targets.changes', payload, (command) => this.bundles.compare(command));
  }

  @HandleCommand('targets.publish')
  publish(@Payload() payload: unknown) {
    return answer('targets.publish', payload, (command) =>
      this.publishes.request(command, commandContext(this.runtime, command)),
    );
  }

  @HandleCommand('targets.retry')
  retry(@Payload() payload: unknown) {
    return answer('targets.retry', payload, (command) =>
      this.publishes.retry(command, commandContext(this.runtime, command)),
    );
  }
}
