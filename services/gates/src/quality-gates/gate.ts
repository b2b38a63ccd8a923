import type { Bundle } from '@m3/artifacts';
import type { GateSettings, GateThresholds, LogLine, PublishSubject } from '@m3/contracts';
import type { TargetEnvironment } from '@m3/target-environment';
import type { Static, TObject } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Verdict } from '../domain/check.js';

/** What a target says about its gates: thresholds and settings in one. */
export type GateConfiguration = GateThresholds & GateSettings;

/** What a gate may use beside its input. */
export interface GateContext {
  readonly gate_run_id: string;
  readonly subject: PublishSubject;
  readonly bundle: Bundle;
  /** Opens the target that the version is published to. */
  readonly target: () => Promise<TargetEnvironment>;
  /** Milliseconds until the gate has to have a result. */
  readonly remainingMs: () => number;
  readonly deadlineAt: Date;
  /** Fires at the deadline, and when the service stops. */
  readonly signal: AbortSignal;
  /** A line of the gate's own log. */
  readonly log: (text: string, level?: LogLine['level']) => void;
  readonly now: () => Date;
  /** Records what an external gate will prove itself with, before it is asked. */
  readonly ask: (tokenDigest: string) => Promise<void>;
}

/** What came of running a gate. `pending`: its verdict comes later, by a callback. */
export type GateAnswer = Verdict | { readonly outcome: 'pending'; readonly message: string };

interface GateDescription {
  /** Stable: shown in history and named in overrides. */
  readonly name: string;
  /**
   * `at_once`: judges the bundle alone, within moments; used again for other targets of the same tag.
   * `takes_time`: its result is recorded as soon as it is there.
   */
  readonly pace: 'at_once' | 'takes_time';
  /** A pass on a gateway counts for all targets on it that ask for the same within moments. */
  readonly sharesPasses?: boolean;
  /** Gates that have to pass before this one is worth running. */
  readonly needs?: readonly string[];
  readonly timeoutSeconds?: number;
  /** What it looks at: half a sentence, shown before a publish is asked for. */
  readonly checks: string;
}

/** A gate as it is run. Made by {@link defineGate}. */
export interface Gate extends GateDescription {
  /** The part of the configuration that it judges by. */
  readonly inputOf: (configuration: GateConfiguration) => unknown;
  /** What it passes by under this configuration: half a sentence each, shown with what it checks. */
  readonly limits: (configuration: GateConfiguration) => readonly string[];
  /** Why it is not run, if it has nothing to judge or the target does not ask for it. */
  readonly notRun: (configuration: GateConfiguration, bundle: Bundle) => string | null;
  /** Names the state of what it compares with; a result is used again only while it stays the same. */
  readonly basis: () => Promise<string>;
  readonly run: (configuration: GateConfiguration, context: GateContext) => Promise<GateAnswer>;
}

interface GateDefinition<Schema extends TObject> extends GateDescription {
  /** The fields of the configuration that the gate judges by; all others are kept from it. */
  readonly input: Schema;
  readonly limits: (input: Static<Schema>) => readonly string[];
  readonly notRun?: (input: Static<Schema>, bundle: Bundle) => string | null;
  readonly basis?: () => Promise<string>;
  /** Says passed, failed or inconclusive ("no data" is never a pass), with findings. Never throws for bad content. */
  readonly run: (input: Static<Schema>, context: GateContext) => Promise<GateAnswer>;
}

/** Declares a gate. It sees just the fields of the configuration that its schema has. */
export function defineGate<Schema extends TObject>(definition: GateDefinition<Schema>): Gate {
  const { input: schema, limits, notRun, basis, run, ...description } = definition;
  const fields = Object.keys(schema.properties);
  const inputOf = (configuration: GateConfiguration): Static<Schema> => {
    const all: Readonly<Record<string, unknown>> = { ...configuration };
    const input = Object.fromEntries(fields.flatMap((field) => (field in all ? [[field, all[field]]] : [])));
    // The target document and each event were checked against these shapes: this only tells the compiler.
    if (!Value.Check(schema, input)) throw new Error(`the configuration does not fit the gate ${description.name}`);
    return input;
  };
  return {
    ...description,
    inputOf,
    limits: (configuration) => limits(inputOf(configuration)),
    notRun: (configuration, bundle) => notRun?.(inputOf(configuration), bundle) ?? null,
    basis: basis ?? (() => Promise.resolve('')),
    run: (configuration, context) => run(inputOf(configuration), context),
  };
}
