import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

type ActivationType = 'VersionActivated' | 'VersionReactivated' | 'TargetRestoredByHand' | 'PublishRolledBack';

/** Where the log says that the active version of a target was changed. */
export interface ActivationPlace {
  readonly stream: string;
  readonly stream_version: number;
  readonly type: ActivationType;
  readonly target_id: string;
  readonly at: string;
}

/** One row an event; the event itself stays in its stream. */
export const activations: Projection<ActivationPlace> = {
  table: 'activation',
  keyOf: ({ stream, streamVersion }) => `${stream}/${streamVersion}`,
  begins: {
    VersionActivated: place,
    VersionReactivated: place,
    TargetRestoredByHand: place,
    PublishRolledBack: place,
  },
  changes: {},
  columns: ({ target_id, at }) => ({ target_id, at }),
};

function place({ stream, streamVersion, type, data, metadata }: LogEntry<ActivationType>): ActivationPlace {
  const { target_id } = data;
  return { stream, stream_version: streamVersion, type, target_id, at: metadata.occurredAt };
}

/**
 * Of a target's activations, newest first, those that the newest state follows from: a rollback brings back what was
 * there before the activation of the same publish, if there was one, and so on; anything else says all by itself.
 */
export function decisive<Place extends Pick<ActivationPlace, 'type' | 'stream'>>(
  newestFirst: readonly Place[],
): readonly Place[] {
  const undone = new Set<string>();
  const decides = ({ type, stream }: Place): boolean => {
    if (type !== 'PublishRolledBack') return !undone.has(stream);
    undone.add(stream);
    return false;
  };
  const first = newestFirst.findIndex(decides);
  return first < 0 ? newestFirst : newestFirst.slice(0, first + 1);
}
