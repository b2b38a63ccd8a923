import { GatewayError } from './gateway-error.js';
import { isObject } from './engine/json.js';

/** Troubles that the gateway can be told to have. Absent means healthy. */
export interface FaultSettings {
  /** Every answer comes this much later (milliseconds). */
  latency_ms?: number;
  /** Connections are reset; only `/sandbox/faults` still answers. */
  down?: boolean;
  /** Calls of executors whose endpoint starts with this fail. */
  failing_executor?: string;
  /** Every executor call takes this much longer (milliseconds). */
  executor_latency_ms?: number;
  /** The share of executions that fail, 0 to 1. Spread evenly, not by chance: 0.25 is every fourth. */
  error_rate?: number;
  /** The planner registry is emptied when this is switched on, as by a restart. */
  lost_registry?: boolean;
  /** `POST /api/planners` answers 422, as some releases of Marie do. */
  planners_422?: boolean;
  /** `/dry_run` reports a failure (with HTTP 200, as Marie does). */
  dry_run_failure?: boolean;
  /** `/api/capacity` reports no free slot. */
  capacity_exhausted?: boolean;
}

const LONGEST_LATENCY_MS = 600_000;

const isLatency = (value: unknown) => typeof value === 'number' && value >= 0 && value <= LONGEST_LATENCY_MS;
const isSwitch = (value: unknown) => typeof value === 'boolean';

const checks: Readonly<Record<keyof FaultSettings, (value: unknown) => boolean>> = {
  latency_ms: isLatency,
  down: isSwitch,
  failing_executor: (value) => typeof value === 'string' && value !== '',
  executor_latency_ms: isLatency,
  error_rate: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  lost_registry: isSwitch,
  planners_422: isSwitch,
  dry_run_failure: isSwitch,
  capacity_exhausted: isSwitch,
};

/** The fault switches of one gateway. */
export class Faults {
  private settings: FaultSettings = {};
  private failuresDue = 0;

  /** `onRegistryLost` is called whenever `lost_registry` is switched on. */
  constructor(private readonly onRegistryLost: () => void) {}

  current(): Readonly<FaultSettings> {
    return this.settings;
  }

  /** Adds to the switches that are set already. */
  set(settings: Readonly<FaultSettings>): void {
    this.settings = { ...this.settings, ...settings };
    if (settings.lost_registry === true) this.onRegistryLost();
  }

  clear(): void {
    this.settings = {};
    this.failuresDue = 0;
  }

  /** Whether the execution that starts now is one of those that `error_rate` fails. */
  nextExecutionFails(): boolean {
    this.failuresDue += this.settings.error_rate ?? 0;
    // The margin keeps 0.1 ten times from adding up to 0.9999….
    if (this.failuresDue < 1 - 1e-9) return false;
    this.failuresDue -= 1;
    return true;
  }
}

/** @throws GatewayError 400 naming the switch that does not exist or has a wrong value. */
export function parseFaults(value: unknown): FaultSettings {
  if (!isObject(value)) throw new GatewayError(400, 'invalid_faults', 'Send the fault switches as a JSON object.');
  for (const [name, setting] of Object.entries(value)) {
    if (!isFaultName(name)) throw new GatewayError(400, 'invalid_faults', `There is no fault switch "${name}".`);
    if (!checks[name](setting)) throw new GatewayError(400, 'invalid_faults', `"${name}" has a value it cannot have.`);
  }
  return value;
}

function isFaultName(name: string): name is keyof FaultSettings {
  return Object.hasOwn(checks, name);
}
