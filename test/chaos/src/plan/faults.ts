import type { ServiceName } from '@m3/contracts';
import { links, sandboxes, services, type SandboxName } from './places.js';
import type { Random } from './random.js';

/** How a server ends: as when it is told to, or as in a crash. */
export type EndOfServer = 'stopped' | 'killed';

export type Fault =
  | { readonly kind: 'kill_service' | 'pause_service'; readonly service: ServiceName }
  | { readonly kind: 'kill_target_gateway' | 'fail_executions'; readonly sandbox: SandboxName }
  | { readonly kind: 'restart_database' | 'stop_target_databases' | 'stop_storage'; readonly how: EndOfServer }
  | { readonly kind: 'wipe_bus' }
  | { readonly kind: 'cut' | 'half_open'; readonly link: string }
  | { readonly kind: 'slow'; readonly link: string; readonly delayMs: number }
  | { readonly kind: 'jump_clock'; readonly service: ServiceName; readonly offsetMs: number };
export type FaultKind = Fault['kind'];

export interface PlannedFault {
  readonly fault: Fault;
  /** How long it lasts. */
  readonly forMs: number;
  /** How long it is quiet in its lane afterwards. */
  readonly thenMs: number;
}

/** Faults of one lane come one after the other, those of different lanes at the same time. */
export const lanes = ['network', 'processes', 'servers', 'clocks'] as const;
export type Lane = (typeof lanes)[number];

interface Recipe {
  readonly lane: Lane;
  /** Share of all faults, in percent. */
  readonly share: number;
  readonly make: (random: Random) => Fault;
  /** Shortest and longest, in milliseconds. */
  readonly lasts: readonly [number, number];
}

const ends: readonly EndOfServer[] = ['stopped', 'killed'];
const seconds = (...all: readonly number[]): readonly number[] => all.map((each) => each * 1000);
/** Small steps as of a clock that is set right, and an hour or two as of one that was wrong. */
const jumps = seconds(-7200, -600, -60, -30, -5, -2, 0, 0, 2, 5, 30, 3600);

const recipes: Readonly<Record<FaultKind, Recipe>> = {
  cut: { lane: 'network', share: 16, lasts: [50, 900], make: (r) => ({ kind: 'cut', link: r.pick(links) }) },
  slow: {
    ...{ lane: 'network', share: 17, lasts: [300, 1200] },
    make: (r) => ({ kind: 'slow', link: r.pick(links), delayMs: r.whole(20, 300) }),
  },
  half_open: {
    lane: 'network',
    share: 13,
    lasts: [50, 900],
    make: (r) => ({ kind: 'half_open', link: r.pick(links) }),
  },
  kill_service: {
    ...{ lane: 'processes', share: 21, lasts: [0, 300] },
    make: (r) => ({ kind: 'kill_service', service: r.pick(services) }),
  },
  pause_service: {
    ...{ lane: 'processes', share: 4, lasts: [200, 2500] },
    make: (r) => ({ kind: 'pause_service', service: r.pick(services) }),
  },
  kill_target_gateway: {
    ...{ lane: 'processes', share: 3, lasts: [0, 300] },
    make: (r) => ({ kind: 'kill_target_gateway', sandbox: r.pick(sandboxes) }),
  },
  fail_executions: {
    ...{ lane: 'servers', share: 4, lasts: [300, 2500] },
    make: (r) => ({ kind: 'fail_executions', sandbox: r.pick(sandboxes) }),
  },
  restart_database: {
    ...{ lane: 'servers', share: 3, lasts: [0, 1000] },
    make: (r) => ({ kind: 'restart_database', how: r.pick(ends) }),
  },
  wipe_bus: { lane: 'servers', share: 4, lasts: [0, 1500], make: () => ({ kind: 'wipe_bus' }) },
  stop_storage: {
    ...{ lane: 'servers', share: 3, lasts: [100, 2000] },
    make: (r) => ({ kind: 'stop_storage', how: r.pick(ends) }),
  },
  stop_target_databases: {
    ...{ lane: 'servers', share: 3, lasts: [0, 1500] },
    make: (r) => ({ kind: 'stop_target_databases', how: r.pick(ends) }),
  },
  jump_clock: {
    ...{ lane: 'clocks', share: 9, lasts: [300, 2500] },
    make: (r) => ({ kind: 'jump_clock', service: r.pick(services), offsetMs: r.pick(jumps) }),
  },
};

/** Most kinds first: what is left over when shares are rounded goes to these. */
export const faultKinds = (Object.keys(recipes) as FaultKind[]).sort((a, b) => recipes[b].share - recipes[a].share);

/** As many faults as asked for, each kind at least once where there is room for it, in lanes. */
export function planFaults(random: Random, count: number): Readonly<Record<Lane, readonly PlannedFault[]>> {
  const kinds = random.shuffled(sharedOut(count));
  const plan: Record<Lane, PlannedFault[]> = { network: [], processes: [], servers: [], clocks: [] };
  for (const kind of kinds) {
    const { lane, lasts, make } = recipes[kind];
    const [shortest, longest] = lasts;
    plan[lane].push({ fault: make(random), forMs: random.whole(shortest, longest), thenMs: random.whole(50, 700) });
  }
  return plan;
}

/** A kind for each fault: one of each, the rest by their shares. */
function sharedOut(count: number): readonly FaultKind[] {
  const kinds = faultKinds.slice(0, count);
  const rest = count - kinds.length;
  const all = faultKinds.flatMap((kind) =>
    Array.from({ length: Math.floor((rest * recipes[kind].share) / 100) }, () => kind),
  );
  const rounded = Array.from({ length: rest - all.length }, (_, index) => faultKinds[index % faultKinds.length]);
  return [...kinds, ...all, ...rounded.filter((kind) => kind !== undefined)];
}
