import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

/** Processor time of a process and all that it started, from its start until now; ms. Needs Linux. */
export async function processorTimeMs(pid: number): Promise<number> {
  const processes = await allProcesses();
  const family = new Set([pid]);
  // Children have larger ids than their parents, except after a wrap: go round until nothing is added.
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const process of processes) if (family.has(process.parent)) family.add(process.pid);
  }
  const ticks = processes
    .filter((process) => family.has(process.pid))
    .reduce((sum, { own, ended }) => sum + own + ended, 0);
  return ticks * MS_PER_TICK;
}

/** Memory of a process that is in use now (resident set); bytes. Needs Linux. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kilobytes === undefined) throw new Error(`process ${pid} has no memory of its own any more`);
  return Number(kilobytes) * 1024;
}

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended. */
  readonly ended: number;
}

async function allProcesses(): Promise<readonly ProcessTimes[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)));
  return read.flatMap((stat) => (stat === undefined ? [] : [parse(stat)]));
}

/** The second field is the name in parentheses, which may hold anything; the third is the state. */
function parse(stat: string): ProcessTimes {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return { pid: Number.parseInt(stat, 10), parent: field(4), own: field(14) + field(15), ended: field(16) + field(17) };
}
