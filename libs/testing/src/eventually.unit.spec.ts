import { eventually } from './index.js';

describe('eventually', () => {
  it('answers the first sample that is there', async () => {
    const samples = [undefined, null, false, 'published'];

    expect(await eventually('the status', () => samples.shift(), { intervalMs: 1 })).toBe('published');
  });

  it('waits until the sample is the awaited one', async () => {
    let count = 0;

    expect(await eventually('three events', () => (count += 1), { intervalMs: 1, until: (n) => n === 3 })).toBe(3);
  });

  it('takes a probe that throws for "not yet"', async () => {
    let calls = 0;
    const probe = () => {
      calls += 1;
      expect(calls).toBe(2);
      return calls;
    };

    expect(await eventually('the second call', probe, { intervalMs: 1 })).toBe(2);
  });

  it('shows the last sample when the time is over', async () => {
    const probe = () => ({ status: 'deploying' });
    const never = eventually('publish is live', probe, { timeoutMs: 5, intervalMs: 1, until: () => false });

    await expect(never).rejects.toThrow("Not within 5 ms: publish is live. Last sample: { status: 'deploying' }");
  });

  it('shows why the last probe failed', async () => {
    const probe = () => Promise.reject(new Error('connection refused'));

    await expect(eventually('an answer', probe, { timeoutMs: 5, intervalMs: 1 })).rejects.toThrow(
      'The last probe failed: connection refused',
    );
  });
});
