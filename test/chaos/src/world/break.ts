import { setTimeout as pause } from 'node:timers/promises';
import type { LocalProcess } from '@m3/local';
import type { EndOfServer, Fault } from '../plan/faults.js';
import type { World } from './world.js';

const HEALTHY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;
const TRIES = 20;

/** A server that can be ended and started again. */
interface Restartable {
  kill(): Promise<void>;
  stop(): Promise<void>;
  restart(options?: { readonly wipe?: boolean }): Promise<void>;
}

/** Lets one fault happen, waits, and makes it good again. Resolves when what was broken can work again. */
export async function breakAndMend(world: World, fault: Fault, forMs: number): Promise<void> {
  switch (fault.kind) {
    case 'cut':
    case 'half_open':
      world.link(fault.link).set({ state: fault.kind });
      await pause(forMs);
      world.link(fault.link).set({ state: 'open' });
      return;
    case 'slow':
      world.link(fault.link).set({ state: 'slow', delayMs: fault.delayMs });
      await pause(forMs);
      world.link(fault.link).set({ state: 'open' });
      return;
    case 'fail_executions': {
      const { gateway } = world.sandbox(fault.sandbox);
      await switched(gateway, 'POST');
      await pause(forMs);
      return switched(gateway, 'DELETE');
    }
    case 'kill_service':
      return killed(world.stack.services[fault.service], '/health/live');
    case 'kill_target_gateway':
      return killed(world.sandbox(fault.sandbox).gateway, '/sandbox/faults');
    case 'pause_service': {
      const service = world.stack.services[fault.service];
      await service.kill('SIGSTOP');
      await pause(forMs);
      await service.kill('SIGCONT');
      return;
    }
    case 'restart_database':
      return awayFor(forMs, localOf(world.stack.servers.postgres), fault.how);
    case 'stop_target_databases':
      return awayFor(forMs, world.targetServer, fault.how);
    case 'stop_storage':
      return awayFor(forMs, localOf(world.stack.servers.s3), fault.how);
    case 'wipe_bus':
      return awayFor(forMs, localOf(world.stack.servers.nats), 'killed', true);
    case 'jump_clock':
      world.clocks.set(fault.service, fault.offsetMs);
      await pause(forMs);
  }
}

/** What a fault is about, in a few words. */
export function describeFault(fault: Fault): string {
  const { kind, ...about } = fault;
  return [kind, ...Object.values(about)].join(' ');
}

/** Whatever is still broken is whole afterwards, and every clock right. */
export async function mendAll(world: World): Promise<void> {
  for (const link of world.links.values()) link.set({ state: 'open' });
  for (const { gateway } of world.stack.sandboxes.values()) await switched(gateway, 'DELETE');
  for (const [name, service] of Object.entries(world.stack.services)) {
    world.clocks.set(name, 0);
    await service.kill('SIGCONT');
    await answers(service, '/health/ready');
  }
}

/** Lets every execution on a gateway fail, or none. One that is being killed is told again. */
async function switched(gateway: LocalProcess, method: 'POST' | 'DELETE'): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = method === 'POST' ? { headers, body: JSON.stringify({ error_rate: 1 }) } : {};
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const signal = AbortSignal.timeout(2_000);
    const answer = await fetch(`${gateway.url}/sandbox/faults`, { method, signal, ...body }).catch(() => null);
    if (answer?.ok) return;
    await pause(250);
  }
}

/** Ended by a signal that nobody can catch; the supervisor starts it again. */
async function killed(process_: LocalProcess, healthPath: string): Promise<void> {
  const { pid } = process_;
  if (pid !== undefined) end(pid);
  await answers(process_, healthPath, pid);
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was gone already.
  }
}

/** Waits until it answers, as another process than the one that was ended. A service that never does shows in the end. */
async function answers(process_: LocalProcess, path: string, before?: number): Promise<void> {
  const until = performance.now() + HEALTHY_WITHIN_MS;
  while (performance.now() < until) {
    if (process_.pid !== undefined && process_.pid !== before && (await isWell(`${process_.url}${path}`))) return;
    await pause(LOOK_EVERY_MS);
  }
}

async function isWell(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

async function awayFor(forMs: number, server: Restartable, how: EndOfServer, wipe = false): Promise<void> {
  await (how === 'killed' ? server.kill() : server.stop());
  await pause(forMs);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await server.restart({ wipe });
      return;
    } catch (error) {
      // On a machine that is busy a port or a lock may be let go late.
      if (attempt === TRIES) throw error;
      await pause(250);
    }
  }
}

function localOf({ local }: { readonly local?: Restartable }): Restartable {
  if (local === undefined) throw new Error('the stack did not start this server');
  return local;
}
