import { isFinalPublishStatus, type PublishDetail, type StepView } from '@m3/contracts';
import { exitCodeOf, exitCodes } from '../exit-codes.js';
import type { Tone } from '../output/output.js';
import { duration, fitted, printable } from '../output/text.js';
import type { PublishLogLine } from './shown-log.js';
import { elapsed, inWords, startText, stepMarks, stepNames, titleOf, trafficText } from './steps.js';

/** One line of the picture, without escape sequences; it fits into the terminal. */
export interface FrameLine {
  readonly text: string;
  readonly tone: Tone;
}

export interface Watched {
  readonly publish: PublishDetail;
  readonly lines: readonly PublishLogLine[];
}

export interface Surface {
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Why there is no connection at the moment; null: there is one. */
  readonly lost: string | null;
}

const logLinesShown = 5;
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** The picture of one publish (its steps, and the log under the current one) or of several (a line each). */
export function frameOf(watched: readonly Watched[], surface: Surface): FrameLine[] {
  const [only, ...others] = watched;
  const body = only && others.length === 0 ? singleFrame(only, surface) : listFrame(watched, surface);
  const lost: FrameLine[] =
    surface.lost === null ? [] : [{ text: `connection lost, trying again: ${surface.lost}`, tone: 'warning' }];
  return [...body.slice(0, Math.max(surface.rows - 1 - lost.length, 1)), ...lost].map(({ text, tone }) => ({
    text: fitted(printable(text), surface.columns - 1),
    tone,
  }));
}

function singleFrame({ publish, lines }: Watched, surface: Surface): FrameLine[] {
  const current = publish.steps.findLast((step) => step.status === 'running' || step.status === 'failed');
  return [
    { text: titleOf(publish), tone: 'strong' },
    { text: `${publish.publish_id}  ${inWords(publish.status)}`, tone: 'faint' },
    ...publish.steps.flatMap((step) => [
      ...(step.step === 'backing_up' ? startLines(publish, surface.now) : []),
      stepLine(step, surface.now),
      ...(step === current ? logOf(step, lines) : []),
    ]),
  ];
}

/** Between approval and backup, while it may not start yet. */
function startLines(publish: PublishDetail, now: number): FrameLine[] {
  const text = startText(publish);
  return text === null ? [] : [{ text: `  ${spin(now)} ${text}`, tone: 'strong' }];
}

function stepLine(step: StepView, now: number): FrameLine {
  const mark = step.status === 'running' ? spin(now) : stepMarks[step.status];
  const time = elapsed(step, now);
  const columns = [stepNames[step.step].padEnd(23), (time === null ? '' : duration(time)).padStart(12)];
  return { text: `  ${mark} ${columns.join('')}  ${step.detail ?? ''}`.trimEnd(), tone: stepTones[step.status] };
}

const stepTones: Readonly<Record<StepView['status'], Tone>> = {
  pending: 'faint',
  running: 'strong',
  passed: 'good',
  failed: 'bad',
  skipped: 'faint',
};

function logOf(step: StepView, lines: readonly PublishLogLine[]): FrameLine[] {
  const own = lines.filter((line) => line.step === step.step).slice(-logLinesShown);
  return own.map(({ line, level }) => ({ text: `      ${line}`, tone: level === 'info' ? 'faint' : logTones[level] }));
}

const logTones = { warning: 'warning', error: 'bad' } as const;

function listFrame(watched: readonly Watched[], surface: Surface): FrameLine[] {
  const room = Math.max(surface.rows - 3, 1);
  // Those that still go on matter most when not all fit.
  const sorted = [...watched].sort((one, other) => Number(isOver(one)) - Number(isOver(other)));
  const shown = watched.length <= room ? watched : sorted.slice(0, room);
  const rest = watched.length - shown.length;
  const more: FrameLine[] = rest === 0 ? [] : [{ text: `  … and ${rest} more`, tone: 'faint' }];
  return [...shown.map((one) => summaryLine(one, surface.now)), ...more];
}

function isOver({ publish }: Watched): boolean {
  return isFinalPublishStatus(publish.status);
}

function summaryLine({ publish }: Watched, now: number): FrameLine {
  const time = duration(publish.duration_ms ?? Math.max(now - Date.parse(publish.requested_at), 0));
  const mark = isFinalPublishStatus(publish.status) ? (publish.status === 'succeeded' ? '✓' : '✗') : spin(now);
  const name = publish.target_name.padEnd(28);
  const share = trafficText(publish);
  const text = `  ${mark} ${name} ${inWords(publish.status).padEnd(21)} ${time}${share === null ? '' : `  ${share}`}`;
  return { text, tone: statusTone(publish.status) };
}

/** The colour of a publish's status. */
export function statusTone(status: PublishDetail['status']): Tone {
  if (!isFinalPublishStatus(status)) return status === 'rolling_back' ? 'warning' : 'plain';
  if (status === 'succeeded') return 'good';
  return exitCodeOf(status) === exitCodes.stopped ? 'warning' : 'bad';
}

function spin(now: number): string {
  return spinner[Math.floor(now / 100) % spinner.length] ?? '▸';
}
