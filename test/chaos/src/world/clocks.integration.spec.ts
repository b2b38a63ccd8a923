import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { temporaryFolder } from '@m3/local-servers';
import { eventually } from '@m3/testing';
import { Clocks } from './clocks.js';

const hour = 3_600_000;
const program = `
  setInterval(() => console.log(JSON.stringify([Date.now(), new Date().getTime(), new Date(5).getTime(), typeof Date()])), 10)`;

it('the clock of a service jumps forward, back and right again while it runs, and only its clock', async () => {
  const clocks = new Clocks(await temporaryFolder('m3-clocks'));
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, ['-e', program], { env: { PATH, ...clocks.environmentOf('deployer') } });
  let last: readonly unknown[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => (last = JSON.parse(line) as unknown[]));
  const reads = (offset: number) =>
    eventually(
      `the clock is ${offset} ms off`,
      () => last.slice(0, 2).every((now) => Math.abs(Number(now) - Date.now() - offset) < hour / 2) && last.length > 0,
    );
  try {
    await reads(0);
    clocks.set('deployer', 2 * hour);
    clocks.set('gates', 7 * hour);
    await reads(2 * hour);
    clocks.set('deployer', -hour);
    await reads(-hour);
    expect(last.slice(2)).toEqual([5, 'string']);
    clocks.set('deployer', 0);
    await reads(0);
  } finally {
    child.kill();
  }
});
