import { backupEvents, type BackupEvent } from '@m3/contracts';
import { accept } from '@m3/decider';
import type { AppendContext, EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates } from '@m3/process';
import { evolveBackup, initialBackup, type BackupState } from '../domain/backup.js';

export const backupStream = (backupId: string): string => `backup-${backupId}`;

/** Backups as their streams tell them. */
export class BackupStreams {
  private readonly states: StreamStates<BackupState, BackupEvent>;

  constructor(private readonly store: EventStore) {
    this.states = new StreamStates(store, {
      initial: initialBackup,
      evolve: evolveBackup,
      accepts: eventsIn<BackupEvent>(backupEvents),
    });
  }

  /** May be a little behind: good for finding out that there is nothing left to do. */
  async known(backupId: string): Promise<BackupState> {
    return (await this.states.load(backupStream(backupId))).state;
  }

  /** One that was most likely never recorded: nothing is read. Where that is wrong, recording finds out. */
  presumedNew(backupId: string): BackupState {
    return this.states.presumeNew(backupStream(backupId)).state;
  }

  async current(backupId: string): Promise<BackupState> {
    return (await this.states.reload(backupStream(backupId))).state;
  }

  async record(
    backupId: string,
    decide: (state: BackupState) => readonly BackupEvent[],
    context: AppendContext,
  ): Promise<void> {
    await decideAndAppend({
      store: this.store,
      states: this.states,
      stream: backupStream(backupId),
      decide: (state) => accept(...decide(state)),
      context,
    });
  }
}
