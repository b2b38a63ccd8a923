import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { sendBatch } from './append-batch.js';
import { EventStoreUnavailableError, isTransient } from './errors.js';
import type { AppendResult } from './event-store.js';
import { GroupCommit, type GroupCommitLimits, type Touched } from './group-commit.js';
import type { PreparedAppend } from './prepared-append.js';

type Answers = readonly (AppendResult | Error)[];

/** A repeat is harmless: the events keep their ids, so an append whose answer was lost is recognised. */
const PAUSES_BEFORE_REPEAT_MS = [20, 150];

/** Group commit in front of the database, which repeats a batch when the connection breaks. */
export class AppendQueue {
  private readonly group: GroupCommit<PreparedAppend, AppendResult>;

  constructor(
    private readonly pool: Pool,
    limits: GroupCommitLimits,
  ) {
    this.group = new GroupCommit((batch) => this.send(batch), limits);
  }

  append(append: PreparedAppend): Promise<AppendResult> {
    return this.group.submit(append, touched(append));
  }

  private async send(batch: readonly PreparedAppend[]): Promise<Answers> {
    try {
      return await this.sendRepeatedly(batch);
    } catch (error) {
      if (batch.length === 1 || error instanceof EventStoreUnavailableError) throw error;
      return this.sendOneByOne(batch);
    }
  }

  private async sendRepeatedly(batch: readonly PreparedAppend[], attempt = 0): Promise<Answers> {
    try {
      return await sendBatch(this.pool, batch);
    } catch (error) {
      if (!isTransient(error)) throw error;
      const delay = PAUSES_BEFORE_REPEAT_MS[attempt];
      if (delay === undefined) throw new EventStoreUnavailableError({ cause: error });
      await pause(delay);
      return this.sendRepeatedly(batch, attempt + 1);
    }
  }

  /** The database refused the statement as a whole: find out whose fault it is, so that the others go through. */
  private async sendOneByOne(batch: readonly PreparedAppend[]): Promise<Answers> {
    const answers: (AppendResult | Error)[] = [];
    for (const append of batch) {
      const [answer] = await this.sendRepeatedly([append]).catch((error: unknown) => [toError(error)]);
      answers.push(answer ?? new Error('the event store gave no answer'));
    }
    return answers;
  }
}

function touched(append: PreparedAppend): Touched {
  const streamsOf = (writes: PreparedAppend): string[] => writes.map(({ stream }) => stream);
  return {
    reads: streamsOf(append.filter(({ events }) => events.length === 0)),
    writes: streamsOf(append.filter(({ events }) => events.length > 0)),
    size: append.reduce((size, { events }) => size + 1 + events.length, 0),
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
