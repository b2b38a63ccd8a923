import { clock, quoted, says, type Mark } from './log-lines.js';
import { tells, type Tellings } from './telling.js';

const judgedMarks = { passed: '✓', failed: '✗', inconclusive: '!' } as const satisfies Record<string, Mark>;

/** What traffic that is brought to a version share by share has to say. */
export const trafficTellings: Tellings = {
  TrafficShiftRequested: tells('activating', '•', ({ weight, subject, step, steps }) => {
    return `${weight} % of new executions are to go to ${subject.version} (share ${step} of ${steps})`;
  }),
  TrafficShifted: {
    step: 'activating',
    tell: (event) => {
      const { weight, version, step, steps, watch_until, log } = event.data;
      const shifted = `${weight} % of new executions go to ${version}`;
      const text = `${shifted} (share ${step} of ${steps}), watched until ${clock(watch_until)}`;
      return [...quoted(log.filter((line) => line.text !== shifted)), says(event, '✓', text)];
    },
  },
  TrafficJudged: {
    step: 'activating',
    tell: (event) => {
      const { step, outcome, reason } = event.data;
      const text =
        outcome === 'inconclusive'
          ? `Too few executions to judge share ${step} (${reason}); watched for longer`
          : `Share ${step} ${outcome === 'passed' ? 'judged' : 'failed'}: ${reason}`;
      return [says(event, judgedMarks[outcome], text)];
    },
  },
  TrafficReturnRequested: tells(
    'rolling_back',
    '!',
    ({ back_to, reason }) => `Traffic goes back to ${back_to}: ${reason}`,
  ),
  TrafficReturned: {
    step: 'rolling_back',
    tell: (event) => {
      const { outcome, reason, log } = event.data;
      if (outcome === 'returned') return [...quoted(log), says(event, '✓', 'Traffic is back')];
      return [...quoted(log), says(event, '!', `Traffic was not sent back: ${reason ?? ''}; the restore does that`)];
    },
  },
};
