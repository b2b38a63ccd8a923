import { ExecutorSlots } from './executor-slots.js';

test('never runs more than its capacity side by side, and runs all', async () => {
  const slots = new ExecutorSlots(3);
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, (running += 1));
    await Promise.resolve();
    running -= 1;
  };

  await Promise.all(Array.from({ length: 20 }, () => slots.run(work)));

  expect(most).toBe(3);
  expect(slots.inUse).toBe(0);
});

test('a slot is free again after work that failed', async () => {
  const slots = new ExecutorSlots(1);
  await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.run(() => 'done')).toBe('done');
});
