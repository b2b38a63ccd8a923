import type { PublishDetail, StepView } from '@m3/contracts';
import type { Output } from '../output/output.js';
import { duration, logLine } from '../output/text.js';
import type { PublishLogLine } from './shown-log.js';
import { startText, stepMarks, stepNames, titleOf, trafficText } from './steps.js';
import type { WatchView } from './watch-publishes.js';

/** One line for each thing that happens, for logs of pipelines. */
export class PlainView implements WatchView {
  /** What each publish waits for, as it was said last. */
  private readonly waits = new Map<string, string>();
  private readonly known = new Map<string, ReadonlyMap<string, StepView['status']>>();

  constructor(
    private readonly output: Output,
    private readonly shows: {
      /** Several publishes share the output: each line says which target it is about. */
      readonly several: boolean;
      /** The logs, which also say how steps begin and end; else just the ends of steps. */
      readonly logs: boolean;
    },
  ) {}

  publish(publish: PublishDetail, newLines: readonly PublishLogLine[]): void {
    const before = this.known.get(publish.publish_id);
    const prefix = this.shows.several ? `${publish.target_name}: ` : '';
    if (before === undefined) this.output.line(`${titleOf(publish)} (${publish.publish_id})`);
    for (const { line } of newLines) this.output.line(`${prefix}${line}`);
    const changed = publish.steps.filter((step) => before?.get(step.step) !== step.status);
    if (!this.shows.logs) for (const step of changed) this.step(step, prefix);
    this.waitsForApproval(publish, before, prefix);
    this.waitsForTime(publish, prefix);
    this.known.set(publish.publish_id, new Map(publish.steps.map((step) => [step.step, step.status])));
  }

  event(): void {
    // The lines of the log and the ends of steps say what events say, in words.
  }

  connection(state: 'connected' | 'lost', reason: string): void {
    if (state === 'lost') this.output.note(`connection lost, trying again: ${reason}`);
  }

  end(): void {
    // Every line has been written already.
  }

  private step(step: StepView, prefix: string): void {
    if (step.status === 'pending' || step.status === 'running') return;
    const time = step.duration_ms === null ? '' : ` (${duration(step.duration_ms)})`;
    const detail = step.detail === null ? '' : `: ${step.detail}`;
    const text = `${stepMarks[step.status]} ${stepNames[step.step]} ${step.status}${time}${detail}`;
    const at = step.ended_at ?? step.started_at;
    this.output.line(`${prefix}${at === null ? text : logLine(at, text)}`);
  }

  private waitsForTime(publish: PublishDetail, prefix: string): void {
    const text = startText(publish) ?? trafficText(publish);
    if (text === null || this.shows.logs || this.waits.get(publish.publish_id) === text) return;
    this.waits.set(publish.publish_id, text);
    this.output.line(`${prefix}▸ ${text}: m3-publish why ${publish.publish_id}`);
  }

  private waitsForApproval(
    publish: PublishDetail,
    before: ReadonlyMap<string, string> | undefined,
    prefix: string,
  ): void {
    const waits = publish.steps.some(({ step, status }) => step === 'awaiting_approval' && status === 'running');
    if (!waits || before?.get('awaiting_approval') === 'running') return;
    this.output.line(`${prefix}▸ Waits for approval: m3-publish approve ${publish.publish_id}`);
  }
}
