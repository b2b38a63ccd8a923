import { isFinalPublishStatus, type PublishDetail } from '@m3/contracts';
import { type ExitCode, exitCodeOf, exitCodes, worstOf } from '../exit-codes.js';
import type { Output } from '../output/output.js';
import { duration } from '../output/text.js';
import { statusTone } from './frame.js';
import { inWords, titleOf } from './steps.js';

/** Says what each publish came to and what to do next, and gives the exit code for all of them. */
export function reportOutcome(output: Output, publishes: readonly PublishDetail[]): ExitCode {
  for (const publish of publishes) {
    if (output.json) output.jsonLine({ publish });
    else for (const line of outcomeLines(publish)) output.line(line, statusTone(publish.status));
  }
  return worstOf(
    publishes.map(({ status }) => (isFinalPublishStatus(status) ? exitCodeOf(status) : exitCodes.waiting)),
  );
}

/** `invoice-pipeline v1.3.0 → staging: succeeded in 3.2 s`, the reason where there is one, and the next command. */
export function outcomeLines(publish: PublishDetail): readonly string[] {
  const time = publish.duration_ms === null ? '' : ` in ${duration(publish.duration_ms)}`;
  const reason = publish.failure?.reason ?? publish.outcome_reason;
  return [
    `${titleOf(publish)}: ${inWords(publish.status)}${time}${reason === null ? '' : `: ${reason}`}`,
    ...failureLines(publish),
    ...nextStep(publish, publish.publish_id),
  ];
}

function failureLines({ failure }: PublishDetail): readonly string[] {
  if (failure === null) return [];
  const unknown = failure.unknown === null ? [] : [`  not known: ${failure.unknown}`];
  return [...unknown, ...failure.manual_steps.map((step) => `  by hand: ${step}`)];
}

function nextStep({ status }: PublishDetail, id: string): readonly string[] {
  if (!isFinalPublishStatus(status)) return [`  → it goes on: m3-publish watch ${id}, or m3-publish why ${id}`];
  return status === 'succeeded' ? [] : [`  → m3-publish show ${id}`];
}
