import { Body, Param, Query } from '@nestjs/common';
import {
  BackupList,
  BackupListQuery,
  BackupView,
  ReasonBody,
  RestoredByHandAccepted,
  VerificationAccepted,
  VerificationView,
  VerifyBackupsBody,
} from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { CommandDesk } from '../commands/command-desk.js';
import { AskedBy, type Asked } from '../commands/asked.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { BackupReader } from '../read-models/backup-reader.js';
import { TargetReader } from '../read-models/target-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';
import { idOrName, nothing } from './request-parts.js';

const ofOne = { roles: roles.readers, params: { backup: idOrName } } as const;

/** Backups of targets, and whether they are as they were written. */
@ApiController('backups')
export class BackupsController {
  constructor(
    private readonly backups: BackupReader,
    private readonly targets: TargetReader,
    private readonly commands: CommandDesk,
  ) {}

  @Route({
    method: 'GET',
    path: '',
    summary: 'List backups, newest first; deleted ones stay in the list',
    roles: roles.readers,
    query: BackupListQuery,
    reply: { schema: BackupList },
  })
  async list(@Query() query: BackupListQuery) {
    return this.backups.list(query, query.target === undefined ? undefined : await this.targetId(query.target));
  }

  @Route({
    method: 'GET',
    path: 'verifications/:verification',
    summary: 'How far a verification is, and what it has found',
    roles: roles.readers,
    params: { verification: Type.String({ maxLength: 100, description: 'id of the verification' }) },
    reply: { schema: VerificationView },
  })
  async verification(@Param('verification') id: string) {
    return foundOrRefuse(await this.backups.verification(id), `verification "${id}"`);
  }

  @Route({ ...ofOne, method: 'GET', path: ':backup', summary: 'Show a backup', reply: { schema: BackupView } })
  async show(@Param('backup') backup: string) {
    return this.found(backup);
  }

  @Route({
    method: 'POST',
    path: 'verify',
    summary: 'Look at the stored backups of one target, or of all: is each as it was written?',
    roles: roles.managers,
    body: { schema: VerifyBackupsBody, optional: true },
    reply: { schema: VerificationAccepted },
    status: 202,
  })
  async verifyAll(@Body() { target }: VerifyBackupsBody, @AskedBy() asked: Asked) {
    const target_id = target === undefined ? null : await this.targetId(target);
    return this.commands.run('backups.verify_all', { ...asked, target_id });
  }

  @Route({
    ...ofOne,
    method: 'POST',
    path: ':backup/verify',
    summary: 'Look at a stored backup: is it as it was written?',
    roles: roles.managers,
    body: nothing,
    reply: { schema: VerificationAccepted },
    status: 202,
  })
  async verify(@Param('backup') backup: string, @AskedBy() asked: Asked) {
    const { backup_id } = await this.found(backup);
    return this.commands.run('backups.verify', { ...asked, backup_id });
  }

  @Route({
    ...ofOne,
    method: 'POST',
    path: ':backup/restored',
    summary: 'Record that the target was put back to this backup by hand; it has to equal the backup',
    roles: roles.managers,
    body: { schema: ReasonBody },
    reply: { schema: RestoredByHandAccepted },
  })
  async restored(@Param('backup') backup: string, @Body() { reason }: ReasonBody, @AskedBy() asked: Asked) {
    const { backup_id } = await this.found(backup);
    return this.commands.run('backups.restored', { ...asked, backup_id, reason });
  }

  private async found(backup: string): Promise<BackupView> {
    return foundOrRefuse(await this.backups.detail(backup), `backup "${backup}"`);
  }

  private async targetId(target: string): Promise<string> {
    return (await this.targets.known(target)).target_id;
  }
}
