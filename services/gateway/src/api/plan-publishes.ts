import { Injectable } from '@nestjs/common';
import type { PublishPlanRequest, PublishPlans, TargetRef } from '@m3/contracts';
import type { Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { ProblemError } from '../http/problem-error.js';
import { TargetReader } from '../read-models/target-reader.js';
import { namedTargets } from './named-targets.js';
import { toldProblem } from './told-problem.js';

type Answer = PublishPlans['plans'][number];

/** Targets that are planned for at a time. */
const together = 8;

/** Asks for the plan of each target. One that cannot be planned for is told as such; the others are planned all the same. */
@Injectable()
export class PlanPublishes {
  constructor(
    private readonly targets: TargetReader,
    private readonly commands: CommandDesk,
  ) {}

  /** @throws ProblemError when a target is not known */
  async run(request: PublishPlanRequest, asked: Asked): Promise<PublishPlans> {
    const targets = await namedTargets(this.targets, request.targets);
    const plans: Answer[] = [];
    for (let from = 0; from < targets.length; from += together) {
      const some = targets.slice(from, from + together);
      plans.push(...(await Promise.all(some.map((target) => this.plan(target, request, asked)))));
    }
    const { project, version } = request;
    return { project, version, plans };
  }

  private async plan(target: TargetRef, request: PublishPlanRequest, { caller, command_id }: Asked): Promise<Answer> {
    const { project, version, reason = null, override_reason = null, allow_older = false } = request;
    const { target_id } = target;
    const last_active = await this.targets.lastActive(target_id);
    try {
      const plan = await this.commands.run('deployer.plan', {
        ...{ caller, command_id: `${command_id}:${target_id}` },
        ...{ project, version, target_id, reason, override_reason, allow_older, last_active },
      });
      return { ...target, outcome: 'planned', plan };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { ...target, outcome: 'not_planned', problem: toldProblem(error) };
    }
  }
}
