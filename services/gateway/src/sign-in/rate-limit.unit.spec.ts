import { ProblemError } from '../http/problem-error.js';
import { RateLimit } from './rate-limit.js';

describe('the rate limit', () => {
  let now = 0;
  const limit = () => new RateLimit({ perSecond: 2, burst: 3, now: () => now });
  const take = (from: RateLimit, caller: string, times: number) => {
    for (let n = 0; n < times; n += 1) from.take(caller);
  };

  it('lets a burst through, then no more', () => {
    const bucket = limit();
    take(bucket, 'ann', 3);
    expect(() => bucket.take('ann')).toThrow(ProblemError);
  });

  it('counts each caller alone', () => {
    const bucket = limit();
    take(bucket, 'ann', 3);
    expect(() => bucket.take('bob')).not.toThrow();
  });

  it('fills up with time, up to the burst', () => {
    const bucket = limit();
    take(bucket, 'ann', 3);
    now += 500;
    bucket.take('ann');
    expect(() => bucket.take('ann')).toThrow('Ask again in 1 s');
    now += 60_000;
    take(bucket, 'ann', 3);
    expect(() => bucket.take('ann')).toThrow(ProblemError);
  });
});
