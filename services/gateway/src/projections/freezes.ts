import type { EventData, FreezeView } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

/** What the read model keeps of a freeze; whether it is in force depends on when somebody asks. */
export interface FreezeRow extends Omit<EventData<'FreezeDeclared'>, 'command_id'> {
  readonly declared_by: string;
  readonly declared_at: string;
  readonly lifted: FreezeView['lifted'];
}

export const freezes: Projection<FreezeRow> = {
  table: 'freeze',
  keyOf: ({ data }) => ('freeze_id' in data ? data.freeze_id : null),
  begins: {
    FreezeDeclared: ({ data, metadata }: LogEntry<'FreezeDeclared'>) => {
      const { command_id: _command, ...freeze } = data;
      return { ...freeze, declared_by: metadata.actor.id, declared_at: metadata.occurredAt, lifted: null };
    },
  },
  changes: {
    FreezeLifted: (freeze, { data, metadata }) => ({
      ...freeze,
      lifted: { by: metadata.actor.id, at: metadata.occurredAt, reason: data.reason },
    }),
  },
  columns: () => ({}),
};
