import { Injectable } from '@nestjs/common';
import type { DeadLettersReplay, DeadLettersReplayed } from '@m3/contracts';
import type { Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { ProblemError } from '../http/problem-error.js';
import { RecordReader } from '../read-models/record-reader.js';
import { toldProblem } from './told-problem.js';

/** Letters that one request replays. */
const most = 200;
/** Commands under way at a time. */
const together = 10;

type Outcome = { readonly id: string; readonly problem?: ReturnType<typeof toldProblem> };

/** Passes on a request to replay what failed for one reason: a command for each letter, the oldest first. */
@Injectable()
export class ReplayDeadLetters {
  constructor(
    private readonly records: RecordReader,
    private readonly commands: CommandDesk,
  ) {}

  async run(which: DeadLettersReplay, asked: Asked): Promise<DeadLettersReplayed> {
    const page = await this.records.deadLetters({ ...which, status: 'open', limit: most });
    const ids = page.items.map(({ dead_letter_id }) => dead_letter_id).toReversed();
    const outcomes: Outcome[] = [];
    for (let from = 0; from < ids.length; from += together) {
      outcomes.push(...(await Promise.all(ids.slice(from, from + together).map((id) => this.replay(id, asked)))));
    }
    return {
      replayed: outcomes.flatMap(({ id, problem }) => (problem === undefined ? [id] : [])),
      refused: outcomes.flatMap(({ id, problem }) => (problem === undefined ? [] : [{ dead_letter_id: id, problem }])),
      more: page.next_cursor !== null,
    };
  }

  /** A refusal of one letter is a value: the others go on. */
  private async replay(id: string, { caller, command_id }: Asked): Promise<Outcome> {
    try {
      await this.commands.run('deadletters.replay', { caller, command_id: `${command_id}:${id}`, dead_letter_id: id });
      return { id };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { id, problem: toldProblem(error) };
    }
  }
}
