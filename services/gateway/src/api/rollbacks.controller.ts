import { Body, Param } from '@nestjs/common';
import {
  PublishRollbackRequest,
  RollbackAccepted,
  RollbackPlan,
  RollbackPlanRequest,
  RollbackRequest,
} from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { AskedBy, type Asked } from '../commands/asked.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { PublishReader } from '../read-models/publish-reader.js';
import { TargetReader } from '../read-models/target-reader.js';
import { AskRollbacks } from './ask-rollbacks.js';
import { foundOrRefuse } from './found-or-refuse.js';
import { idOrName, nothing } from './request-parts.js';

const ofTarget = { method: 'POST', roles: roles.managers, params: { target: idOrName } } as const;
const ofPublish = {
  method: 'POST',
  roles: roles.managers,
  params: { publish: Type.String({ maxLength: 100, description: 'id of the publish' }) },
} as const;

/** Going back on a target. */
@ApiController('targets')
export class TargetRollbacksController {
  constructor(
    private readonly targets: TargetReader,
    private readonly rollbacks: AskRollbacks,
  ) {}

  @Route({
    ...ofTarget,
    path: ':target/rollback/plan',
    summary: 'What a rollback of a target would bring back, and whom it would stop; nothing is changed',
    body: { schema: RollbackPlanRequest, optional: true },
    reply: { schema: RollbackPlan },
  })
  async plan(@Param('target') target: string, @Body() { to }: RollbackPlanRequest, @AskedBy() asked: Asked) {
    return this.rollbacks.plan({ target_id: await this.idOf(target), publish_id: null, to: to ?? null }, asked);
  }

  @Route({
    ...ofTarget,
    path: ':target/rollback',
    summary: 'Roll a target back, by default to its previous version; the rollback is a publish of its own',
    body: { schema: RollbackRequest },
    reply: { schema: RollbackAccepted },
    status: 202,
  })
  async rollback(@Param('target') target: string, @Body() body: RollbackRequest, @AskedBy() asked: Asked) {
    const { to, reason, expected_backup_id = null } = body;
    const wish = { target_id: await this.idOf(target), publish_id: null, to: to ?? null };
    return this.rollbacks.request({ ...wish, reason, expected_backup_id }, asked);
  }

  private async idOf(target: string): Promise<string> {
    return (await this.targets.known(target)).target_id;
  }
}

/** Undoing one publish. */
@ApiController('publishes')
export class PublishRollbacksController {
  constructor(
    private readonly publishes: PublishReader,
    private readonly rollbacks: AskRollbacks,
  ) {}

  @Route({
    ...ofPublish,
    path: ':publish/rollback/plan',
    summary: 'What would come back if this publish was undone; nothing is changed',
    body: nothing,
    reply: { schema: RollbackPlan },
  })
  async plan(@Param('publish') id: string, @AskedBy() asked: Asked) {
    return this.rollbacks.plan(await this.undoing(id), asked);
  }

  @Route({
    ...ofPublish,
    path: ':publish/rollback',
    summary: 'Undo a publish: back to what it found on its target, whether it still runs or has ended',
    body: { schema: PublishRollbackRequest },
    reply: { schema: RollbackAccepted },
    status: 202,
  })
  async rollback(@Param('publish') id: string, @Body() body: PublishRollbackRequest, @AskedBy() asked: Asked) {
    const { reason, expected_backup_id = null } = body;
    return this.rollbacks.request({ ...(await this.undoing(id)), reason, expected_backup_id }, asked);
  }

  private async undoing(id: string) {
    const { document } = foundOrRefuse(await this.publishes.row(id), `publish "${id}"`);
    return { target_id: document.target_id, publish_id: id, to: null };
  }
}
