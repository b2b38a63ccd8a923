import type { CheckResult, EventData, GateRunEvent, OverrideRule } from '@m3/contracts';
import { assertNever } from '@m3/decider';

/** A gate that was not run, and why. */
export type NotRun = EventData<'GatesStarted'>['not_run'][number];
export type Override = NonNullable<EventData<'GatesCompleted'>['overrides']>[number];

/** An external gate that was asked. `answered`: it said that it calls back; `expired`: it did not do so in time. */
export interface Asked {
  readonly token_digest: string;
  readonly deadline_at: string;
  readonly answered: boolean;
  readonly expired: boolean;
}

/** What is being judged, and what happens when it does not pass. */
export interface Judged {
  /** Names, in the order in which results are shown. */
  readonly gates: readonly string[];
  readonly not_run: readonly NotRun[];
  readonly override: OverrideRule | null;
  /** When the publish stops waiting. */
  readonly deadline_at: string;
}

interface Results {
  readonly results: readonly CheckResult[];
}
interface Tokens {
  readonly asked: Readonly<Record<string, Asked>>;
}

/** One run of the gates of a publish. Runs that end at once never are `running`. */
export type GateRun =
  | { readonly status: 'absent' }
  | ({ readonly status: 'running'; readonly started_at: string } & Judged & Results & Tokens)
  | ({
      readonly status: 'awaiting_override';
      readonly started_at: string;
      readonly not_run: readonly NotRun[];
      readonly allowed_roles: readonly string[];
      readonly deadline_at: string;
      readonly overrides: readonly Override[];
    } & Results &
      Tokens)
  | ({ readonly status: 'ended'; readonly overrides: readonly Override[] } & Tokens);

/** The finding of a gate that had no result in time. */
export const timedOut = 'gate_timed_out';

export const initialGateRun: GateRun = { status: 'absent' };

/** State after an event. An event that the state cannot have is a broken log and throws. */
export function evolveGateRun(state: GateRun, event: GateRunEvent): GateRun {
  switch (event.type) {
    case 'GatesStarted': {
      const { gates, not_run, override, started_at, deadline_at } = event.data;
      const judged = { gates, not_run, override, deadline_at };
      return { status: 'running', started_at, ...judged, results: [], asked: {} };
    }
    case 'GateAsked': {
      const { gate, token_digest, deadline_at } = event.data;
      const run = running(state, event);
      return {
        ...run,
        asked: { ...run.asked, [gate]: { token_digest, deadline_at, answered: false, expired: false } },
      };
    }
    case 'GatePending': {
      const run = running(state, event);
      const asked = run.asked[event.data.gate];
      if (!asked) throw new Error(`${event.data.gate} is pending and was never asked`);
      return { ...run, asked: { ...run.asked, [event.data.gate]: { ...asked, answered: true } } };
    }
    case 'GateCompleted': {
      const run = running(state, event);
      const { result } = event.data;
      return { ...run, results: [...run.results, result], asked: withExpired(run.asked, result) };
    }
    case 'OverrideAwaited': {
      const { started_at, gates, not_run, allowed_roles, deadline_at } = event.data;
      const rest = { started_at, not_run, allowed_roles, deadline_at, results: gates, asked: tokensOf(state) };
      return { status: 'awaiting_override', ...rest, overrides: [] };
    }
    case 'GateOverridden': {
      if (state.status !== 'awaiting_override') throw new Error(`${event.type} on a run that is ${state.status}`);
      const { gate, by, reason, at } = event.data;
      return { ...state, overrides: [...state.overrides, { gate, by, reason, at }] };
    }
    case 'OverrideExpired':
      return state;
    case 'ValidationCompleted':
    case 'GatesCompleted':
      return { status: 'ended', asked: tokensOf(state), overrides: 'overrides' in state ? state.overrides : [] };
    default:
      return assertNever(event);
  }
}

/** A gate without a result at its deadline did not call back. */
function withExpired(asked: Tokens['asked'], { name, findings }: CheckResult): Tokens['asked'] {
  const late = asked[name];
  if (!late || !findings.some(({ code }) => code === timedOut)) return asked;
  return { ...asked, [name]: { ...late, expired: true } };
}

const tokensOf = (state: GateRun): Tokens['asked'] => ('asked' in state ? state.asked : {});

function running(state: GateRun, event: GateRunEvent): Extract<GateRun, { status: 'running' }> {
  if (state.status !== 'running') throw new Error(`${event.type} on a run that is ${state.status}`);
  return state;
}
