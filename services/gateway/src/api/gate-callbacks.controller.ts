import { Body, Param } from '@nestjs/common';
import { CallbackAccepted, ExternalVerdict, Id, newId } from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { CommandDesk } from '../commands/command-desk.js';
import { OpenController, Route } from '../http/route.js';
import { refuse } from '../http/problem-error.js';

const runId = Id('gateRun');
const isRunId = new RegExp(runId.pattern ?? '');
const caller = { id: 'external-gate', roles: [] };

/** Where external gates send the verdict that they said would come later. */
@OpenController('gates')
export class GateCallbacksController {
  constructor(private readonly commands: CommandDesk) {}

  @Route({
    method: 'POST',
    path: ':run/callbacks/:token',
    summary: 'The verdict of an external gate that answered pending',
    roles: [],
    params: { run: runId, token: Type.String({ maxLength: 200, description: 'one-time token, as it was sent' }) },
    body: { schema: ExternalVerdict },
    reply: { schema: CallbackAccepted },
    status: 202,
  })
  callBack(@Param('run') gate_run_id: string, @Param('token') token: string, @Body() verdict: ExternalVerdict) {
    if (!isRunId.test(gate_run_id)) throw refuse('not_found', 'There is no such run of gates.');
    return this.commands.run('gates.callback', { caller, command_id: newId('command'), gate_run_id, token, verdict });
  }
}
