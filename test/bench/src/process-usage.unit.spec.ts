import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { processorTimeMs, residentBytes } from './process-usage.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('what a process uses', () => {
  it('counts processor time of what it has started, too', async () => {
    const before = await processorTimeMs(process.pid);
    const child = spawn(process.execPath, ['-e', 'const end = Date.now() + 300; while (Date.now() < end);']);
    await once(child, 'exit');
    expect((await processorTimeMs(process.pid)) - before).toBeGreaterThanOrEqual(50);
  });

  it('knows how much memory is in use', async () => {
    const reported = process.memoryUsage.rss();
    const read = await residentBytes(process.pid);
    expect(Math.abs(read - reported) / reported).toBeLessThan(0.25);
  });

  it('says so when the process has gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const { pid } = child;
    await once(child, 'exit');
    await expect(residentBytes(pid ?? 0)).rejects.toThrow();
  });
});
