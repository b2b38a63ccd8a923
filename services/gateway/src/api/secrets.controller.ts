import { SecretsRotation } from '@m3/contracts';
import { AskedBy, type Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { nothing } from './request-parts.js';

/** Keys that the targets' secrets are under. */
@ApiController('secrets')
export class SecretsController {
  constructor(private readonly commands: CommandDesk) {}

  @Route({
    method: 'POST',
    path: 'rotate',
    summary: 'Put secrets under the current key; one run takes seconds, so repeat it while something remains',
    roles: roles.administrators,
    body: nothing,
    reply: { schema: SecretsRotation },
  })
  rotate(@AskedBy() asked: Asked) {
    return this.commands.run('targets.rotate_secrets', asked);
  }
}
