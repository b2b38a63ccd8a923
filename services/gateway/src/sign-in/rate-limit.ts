import { LRUCache } from 'lru-cache';
import { refuse } from '../http/problem-error.js';

export interface RateLimitOptions {
  /** Requests a second, over time. */
  readonly perSecond: number;
  /** Requests at once, after a quiet while. */
  readonly burst: number;
  /** Milliseconds, rising. */
  readonly now?: () => number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** A bucket of requests for each caller, which fills up again with time. Of this process: replicas count for themselves. */
export class RateLimit {
  private readonly buckets = new LRUCache<string, Bucket>({ max: 10_000 });
  private readonly now: () => number;

  constructor(private readonly options: RateLimitOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  /** Takes one request from the caller's bucket. @throws ProblemError when it is empty, saying when to come again */
  take(caller: string): void {
    const { perSecond, burst } = this.options;
    const now = this.now();
    const bucket = this.buckets.get(caller) ?? { tokens: burst, filledAt: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
    bucket.filledAt = now;
    this.buckets.set(caller, bucket);
    if (bucket.tokens < 1) {
      const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      throw refuse('too_many_requests', `Too many requests. Ask again in ${seconds} s.`, {
        headers: { 'Retry-After': String(seconds) },
      });
    }
    bucket.tokens -= 1;
  }
}
