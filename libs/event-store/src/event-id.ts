import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const BYTES_PER_ID = 16;
const random = new Uint8Array(256 * BYTES_PER_ID);
let used = random.length;

/** A UUID of version 7. Randomness is drawn for many at a time: a call for each would cost more than all the rest. */
export function newEventId(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  const own = random.subarray(used, used + BYTES_PER_ID);
  used += BYTES_PER_ID;
  return v7({ random: own });
}
