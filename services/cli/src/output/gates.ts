import type { GateRound, Outcome } from '@m3/contracts';
import { findingLine } from './findings.js';
import type { Output, Tone } from './output.js';
import { duration } from './text.js';

type Row = readonly [name: string, outcome: string, took: string, message: string];

const tones: Readonly<Record<Outcome, Tone>> = { passed: 'plain', failed: 'bad', inconclusive: 'bad' };

/** A table of the gates with results and durations, then their findings, then who may override until when. */
export function printGates(output: Output, gates: GateRound): void {
  const rows = rowsOf(output, gates).map((row) => [...row]);
  output.table(['Gate', 'Result', 'Took', 'Message'], rows, 'no gate is run');
  for (const { name, outcome, findings } of gates.checks) {
    for (const finding of findings) output.line(`${name}: ${findingLine(finding)}`, tones[outcome]);
  }
  if (gates.override_until === null) return;
  const who = gates.override_roles.join(' or ');
  output.note(`${who} may override what did not pass until ${output.time(gates.override_until)}`);
}

function rowsOf(output: Output, { checks, running, not_run, overrides }: GateRound): Row[] {
  return [
    ...checks.map((check): Row => {
      const override = overrides.find(({ gate }) => gate === check.name);
      const outcome = override ? `${check.outcome}, overridden by ${override.by}` : check.outcome;
      const message = override ? `${check.message} (${override.reason})` : check.message;
      return [check.name, outcome, duration(check.duration_ms), message];
    }),
    ...running.map(({ gate, waits_for, message, deadline_at }): Row => {
      const until = deadline_at === null ? '' : `until ${output.time(deadline_at)}`;
      return [gate, waits_for === null ? 'running' : 'waits for its callback', '', message ?? until];
    }),
    ...not_run.map(({ gate, reason }): Row => [gate, 'not run', '', reason]),
  ];
}
