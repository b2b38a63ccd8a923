import {
  commandSchemas,
  namedProblem,
  withFormats,
  type CommandName,
  type CommandPayload,
  type CommandReply,
  type CommandResults,
} from '@m3/contracts';
import type { Refusal } from '@m3/decider';
import { MessagePattern, Transport } from '@nestjs/microservices';
import { Ajv, type ValidateFunction } from 'ajv';
import { problemOf } from './problem.js';

/** The subject on core NATS that the owner of a command listens on. */
export const commandSubject = (name: CommandName): string => `cmd.${name}`;

/** Marks the method that answers a command: `@HandleCommand('targets.apply')`. */
export const HandleCommand = (name: CommandName): MethodDecorator =>
  MessagePattern(commandSubject(name), Transport.NATS);

/** What an owner says to a command. */
export type CommandOutcome<Name extends CommandName> =
  | { readonly outcome: 'accepted'; readonly result: CommandResults[Name] }
  | { readonly outcome: 'rejected'; readonly rejection: Refusal; readonly findings?: readonly unknown[] };

const ajv = withFormats(new Ajv({ strict: false, verbose: true }));
const validators = new Map<CommandName, ValidateFunction>();

function validatorOf(name: CommandName): ValidateFunction {
  const known = validators.get(name);
  if (known) return known;
  const { $id: _id, ...schema } = commandSchemas[name];
  const compiled = ajv.compile(schema);
  validators.set(name, compiled);
  return compiled;
}

function isPayload<Name extends CommandName>(name: Name, payload: unknown): payload is CommandPayload<Name> {
  return validatorOf(name)(payload);
}

/** Checks a command's shape, lets `work` decide, and turns the outcome into the reply. Faults are left to throw. */
export async function answer<Name extends CommandName>(
  name: Name,
  payload: unknown,
  work: (command: CommandPayload<Name>) => Promise<CommandOutcome<Name>>,
): Promise<CommandReply<Name>> {
  if (!isPayload(name, payload)) return { ok: false, problem: problemOf(shapeRefusal(name)) };
  const decided = await work(payload);
  if (decided.outcome === 'accepted') return { ok: true, result: decided.result };
  return { ok: false, problem: problemOf(decided.rejection, decided.findings) };
}

function shapeRefusal(name: CommandName): Refusal {
  const [error] = validatorOf(name).errors ?? [];
  const { instancePath: field = '', message = 'has the wrong shape' } = error ?? {};
  const code = (error && namedProblem(error)) ?? 'invalid_command';
  return { code, detail: `${field || 'the command'} ${message}`, field };
}
