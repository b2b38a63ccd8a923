import type { Cli } from '../cli.js';
import type { ExitCode } from '../exit-codes.js';
import type { Output } from '../output/output.js';
import { JsonView } from './json-view.js';
import { LiveView } from './live-view.js';
import { reportOutcome } from './outcome.js';
import { PlainView } from './plain-view.js';
import { usualStreamPatience } from '../api/event-stream.js';
import { watchPublishes, type WatchView } from './watch-publishes.js';

/** With more publishes than this, only their steps are shown, not every line of their logs. */
const mostLogs = 5;
const lookEvery = 15_000;

export interface WatchOptions {
  readonly ids: readonly string[];
  /** Milliseconds; undefined: until the end. */
  readonly timeout: number | undefined;
  /** How long an id may be unknown: one that was requested a moment ago takes its time to appear. Milliseconds. */
  readonly appearsWithin: number;
}

/** Shows publishes until they end (or the time is up), in the way that fits the output, and gives the exit code. */
export async function watchToTheEnd(cli: Cli, { ids, timeout, appearsWithin }: WatchOptions): Promise<ExitCode> {
  const { output } = cli;
  const patience = { stream: cli.surroundings.streamPatience ?? usualStreamPatience, appearsWithin, lookEvery };
  const wantsLogs = !output.json && ids.length <= mostLogs;
  const request = { ids, timeout: timeout ?? null, wantsEvents: output.json, wantsLogs, patience };
  return reportOutcome(
    output,
    await watchPublishes(cli.api, request, viewFor(output, { several: ids.length > 1, logs: wantsLogs })),
  );
}

function viewFor(output: Output, shows: { readonly several: boolean; readonly logs: boolean }): WatchView {
  if (output.json) return new JsonView(output);
  return output.isTerminal ? new LiveView(output) : new PlainView(output, shows);
}
