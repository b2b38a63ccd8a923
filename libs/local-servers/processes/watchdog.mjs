/**
 * Outlives the process that started it by a moment, to end the servers which that process left behind, however it ended.
 * Reads `watch <pid> <signal>`, `forget <pid>` and `remove <folder>` lines; when the input closes, every watched process
 * gets its signal, what is still there after ten seconds is killed, and the folders are removed.
 */
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const watched = new Map();
const folders = [];

function send(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, pid, signal] = line.split(' ');
  if (verb === 'remove') folders.push(line.slice('remove '.length));
  if (verb === 'watch') watched.set(Number(pid), signal);
  if (verb === 'forget') watched.delete(Number(pid));
}

for (const [pid, signal] of watched) send(pid, signal);
const deadline = Date.now() + 10_000;
let left = [...watched.keys()];
while (left.length > 0 && Date.now() < deadline) {
  await pause(20);
  left = left.filter((pid) => send(pid, 0));
}
for (const pid of left) send(pid, 'SIGKILL');
for (const folder of folders) await rm(folder, { recursive: true, force: true });
