import { Recent } from './recent.js';

const never = () => Promise.reject(new Error('asked again'));

it('asks once for all who ask at the same time or soon after', async () => {
  const recent = new Recent<number>(60_000);
  const answers = [recent.get('a', () => Promise.resolve(1)), recent.get('a', never)];
  expect(await Promise.all(answers)).toEqual([1, 1]);
  expect(await recent.get('a', never)).toBe(1);
});

it('asks for each question by itself', async () => {
  const recent = new Recent<number>(60_000);
  await recent.get('a', () => Promise.resolve(1));
  expect(await recent.get('b', () => Promise.resolve(2))).toBe(2);
});

it('asks anew after a failure, and for what was forgotten', async () => {
  const recent = new Recent<number>(60_000);
  await expect(recent.get('a', never)).rejects.toThrow('asked again');
  expect(await recent.get('a', () => Promise.resolve(1))).toBe(1);
  recent.forget('a');
  expect(await recent.get('a', () => Promise.resolve(2))).toBe(2);
});
