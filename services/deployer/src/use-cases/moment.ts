import { newId, newUuid } from '@m3/contracts';
import type { Moment } from '../domain/publish.inputs.js';

/** A reaction makes one thing at most, of one kind: one UUID is enough for whatever it is. Most make nothing, and draw none. */
export function momentAt(now: string): Moment {
  const [uuid, nextUuid] = [once(newUuid), once(newUuid)];
  return {
    now,
    newIds: {
      get gateRun() {
        return newId('gateRun', uuid());
      },
      get approval() {
        return newId('approval', uuid());
      },
      get nextApproval() {
        return newId('approval', nextUuid());
      },
      get backup() {
        return newId('backup', uuid());
      },
      get notification() {
        return newId('notification', uuid());
      },
    },
  };
}

function once(draw: () => string): () => string {
  let drawn: string | undefined;
  return () => (drawn ??= draw());
}
