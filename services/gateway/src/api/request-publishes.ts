import { Injectable } from '@nestjs/common';
import type { PublishesAccepted, PublishRequest, TargetRef } from '@m3/contracts';
import type { Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { ProblemError } from '../http/problem-error.js';
import { TargetReader } from '../read-models/target-reader.js';
import { namedTargets } from './named-targets.js';
import { toldProblem } from './told-problem.js';

interface Outcome {
  readonly answer: PublishesAccepted['publishes'][number];
  readonly refusal?: ProblemError;
}

/** Passes on a request for publishes: one command for each target, with an id of its own, so that repeating it is harmless. */
@Injectable()
export class RequestPublishes {
  constructor(
    private readonly targets: TargetReader,
    private readonly commands: CommandDesk,
  ) {}

  /** @throws ProblemError when a target is not known, or when every target refused */
  async run(request: PublishRequest, asked: Asked): Promise<PublishesAccepted> {
    const targets = await namedTargets(this.targets, request.targets);
    const outcomes = await Promise.all(targets.map((target) => this.ask(target, request, asked)));
    const refusals = outcomes.flatMap(({ refusal }) => refusal ?? []);
    const [first] = refusals;
    if (first !== undefined && refusals.length === outcomes.length) throw first;
    return { publishes: outcomes.map(({ answer }) => answer) };
  }

  /** A refusal of one target is a value: the others go on. */
  private async ask(
    target: TargetRef,
    { project, version, reason = null, allow_older = false, override_reason = null }: PublishRequest,
    { caller, command_id }: Asked,
  ): Promise<Outcome> {
    const { target_id } = target;
    try {
      const { publish_id } = await this.commands.run('targets.publish', {
        caller,
        // An id of its own for each target.
        command_id: `${command_id}:${target_id}`,
        ...{ project, version, target_id, reason, allow_older, override_reason },
      });
      return { answer: { ...target, outcome: 'requested', publish_id } };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { answer: { ...target, outcome: 'refused', problem: toldProblem(error) }, refusal: error };
    }
  }
}
