/**
 * For `reconnectDelayHandler` of a NATS connection: a try at most this often, by a clock that nobody sets. The client
 * itself reckons from the time of the last try by the wall clock; set back, it would stay away for as long.
 */
export function reconnectPace(everyMs: number): () => number {
  let last = -Infinity;
  return () => {
    const now = performance.now();
    if (now - last < everyMs) return everyMs;
    last = now;
    // No time of a last try is too late for this: the client tries now.
    return -Infinity;
  };
}
