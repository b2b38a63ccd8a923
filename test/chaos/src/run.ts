import { setTimeout as pause } from 'node:timers/promises';
import { check } from './checker/check.js';
import { Api } from './driver/api.js';
import { Operators } from './driver/operators.js';
import { collect, comeToRest, nameOfLock, type Witnesses } from './evidence/collect.js';
import { LogReader } from './evidence/log-reader.js';
import type { FaultKind } from './plan/faults.js';
import { places, sandboxes } from './plan/places.js';
import { planChaos, type ChaosPlan, type ChaosSize } from './plan/plan.js';
import type { ChaosResult } from './report.js';
import { Storm } from './storm.js';
import { TargetReader } from './watch/target-reader.js';
import { TargetWatch } from './watch/target-watch.js';
import { mendAll } from './world/break.js';
import { artifactsOf } from './world/releases.js';
import { Users } from './world/users.js';
import { World } from './world/world.js';

export interface ChaosRun extends ChaosSize {
  /** Data and logs of the run. */
  readonly home: string;
  readonly keep: boolean;
  readonly say: (line: string) => void;
}

/** Starts the product, breaks it while it publishes, lets it come to rest, and checks what is left. */
export async function runChaos({ home, keep, say, ...size }: ChaosRun): Promise<ChaosResult> {
  const began = performance.now();
  const plan = planChaos(size);
  const world = await World.start({ home, keep, say: () => undefined });
  const witnesses = await present(world, plan);
  const users = new Users(world);
  try {
    say(`seed ${plan.seed}: everything runs; ${plan.faults} faults, ${plan.actions} actions`);
    const storm = new Storm(world, witnesses.operators, plan, say);
    await storm.pass();
    await mendAll(world);
    await comeToRest(witnesses, say);
    await users.leave();
    const evidence = await collect(witnesses);
    const { operators, watch } = witnesses;
    return {
      ...{ size, evidence, violations: check(evidence), looks: watch.looks, faults: storm.injected },
      ...{ refused: operators.refused, unanswered: operators.unanswered },
      seconds: Math.round((performance.now() - began) / 1000),
    };
  } finally {
    await Promise.all([witnesses.watch.stop(), users.leave()]);
    await Promise.all([witnesses.log, ...witnesses.readers.values()].map((each) => each.close()));
    await world.stop();
  }
}

export type Injected = ReadonlyMap<FaultKind, number>;

/** Those who see what happens; and the targets that things happen to. */
async function present(world: World, { seed }: ChaosPlan): Promise<Witnesses> {
  const api = new Api(world.stack);
  const log = new LogReader(world.stack.servers.postgres.adminUrl);
  const readers = new Map(sandboxes.map((name) => [name, new TargetReader(world.sandbox(name).databaseUrl)]));
  const admin = { sub: 'ann', roles: ['admin'] } as const;
  const documents = places.map((place) => world.document(place));
  const applied = await api.post('targets', { targets: documents }, { key: `chaos-${seed}-targets`, as: admin });
  if (applied.outcome !== 'accepted') throw new Error(`the targets were not taken: ${JSON.stringify(applied.json)}`);
  const usualLocks = new Set<string>();
  let shown = 0;
  // Some locks are taken a moment after the start.
  for (let look = 0; look < 12 || shown < places.length; look += 1) {
    for (const lock of await log.locks()) usualLocks.add(nameOfLock(lock));
    shown = (await api.list('targets')).length;
    await pause(200);
  }
  const watched = places.flatMap(({ name, sandbox, shared }) => {
    const reader = readers.get(sandbox);
    return reader === undefined ? [] : [{ reader, schema: name, shared }];
  });
  const watch = new TargetWatch(watched, artifactsOf);
  return { api, log, readers, operators: new Operators(api, `chaos-${seed}`), watch, usualLocks };
}
