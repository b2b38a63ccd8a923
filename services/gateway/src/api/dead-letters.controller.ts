import { Body, Param, Query } from '@nestjs/common';
import {
  DeadLetterAccepted,
  DeadLetterList,
  DeadLetterListQuery,
  DeadLetterMessage,
  DeadLettersReplay,
  DeadLettersReplayed,
  DeadLetterView,
  ReasonBody,
} from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { CommandDesk } from '../commands/command-desk.js';
import { AskedBy, type Asked } from '../commands/asked.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { RecordReader } from '../read-models/record-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';
import { ReplayDeadLetters } from './replay-dead-letters.js';
import { nothing } from './request-parts.js';

const params = { letter: Type.String({ maxLength: 100, description: 'id of the dead letter' }) };
const settling = { method: 'POST', roles: roles.managers, params, reply: { schema: DeadLetterAccepted } } as const;

/** Messages that could not be handled, and what became of them. */
@ApiController('dead-letters')
export class DeadLettersController {
  constructor(
    private readonly records: RecordReader,
    private readonly replays: ReplayDeadLetters,
    private readonly commands: CommandDesk,
  ) {}

  @Route({
    method: 'GET',
    path: '',
    summary: 'List dead letters, newest first',
    roles: roles.readers,
    query: DeadLetterListQuery,
    reply: { schema: DeadLetterList },
  })
  list(@Query() query: DeadLetterListQuery) {
    return this.records.deadLetters(query);
  }

  @Route({
    method: 'GET',
    path: ':letter',
    summary: 'Show a dead letter',
    roles: roles.readers,
    params,
    reply: { schema: DeadLetterView },
  })
  async show(@Param('letter') id: string) {
    return foundOrRefuse(await this.records.deadLetter(id), `dead letter "${id}"`);
  }

  @Route({
    method: 'GET',
    path: ':letter/message',
    summary: 'The message itself as text, without secrets',
    roles: roles.readers,
    params,
    reply: { schema: DeadLetterMessage },
  })
  async message(@Param('letter') id: string, @AskedBy() asked: Asked) {
    foundOrRefuse(await this.records.deadLetter(id), `dead letter "${id}"`);
    return this.commands.run('deadletters.message', { ...asked, dead_letter_id: id });
  }

  @Route({
    method: 'POST',
    path: 'replay',
    summary: 'Handle all open messages of one reason, or of one consumer, once more',
    roles: roles.managers,
    body: { schema: DeadLettersReplay },
    reply: { schema: DeadLettersReplayed },
  })
  replayAll(@Body() which: DeadLettersReplay, @AskedBy() asked: Asked) {
    return this.replays.run(which, asked);
  }

  @Route({ ...settling, path: ':letter/replay', summary: 'Handle the message once more', body: nothing })
  async replay(@Param('letter') id: string, @AskedBy() asked: Asked) {
    foundOrRefuse(await this.records.deadLetter(id), `dead letter "${id}"`);
    return this.commands.run('deadletters.replay', { ...asked, dead_letter_id: id });
  }

  @Route({ ...settling, path: ':letter/discard', summary: 'Give the message up', body: { schema: ReasonBody } })
  async discard(@Param('letter') id: string, @Body() { reason }: ReasonBody, @AskedBy() asked: Asked) {
    foundOrRefuse(await this.records.deadLetter(id), `dead letter "${id}"`);
    return this.commands.run('deadletters.discard', { ...asked, dead_letter_id: id, reason });
  }
}
