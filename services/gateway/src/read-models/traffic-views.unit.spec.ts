import { isLogEntry } from '../projections/log-entry.js';
import { evolveRow, type Row } from '../projections/projection.js';
import type { PublishRow } from '../projections/publish-row.js';
import { publishes } from '../projections/publishes.js';
import { idOf, recorded, told, type StoryEvent } from '../testing/stories.js';
import { badlyShared, judged, share, untilTraffic } from '../testing/traffic-stories.js';
import { publishLog } from './publish-log.js';
import { publishWhy } from './publish-why.js';

const story = 7;
const id = idOf('publish', story);
const begun = untilTraffic(story);
const watching = [...begun, ...share(story, 1)];
const now = new Date('2026-03-19T14:24:30.000Z');

function whyAfter(...events: readonly StoryEvent[]) {
  let row: Row<PublishRow> | undefined;
  for (const event of recorded(events)) if (isLogEntry(event)) row = evolveRow(publishes, id, row, event);
  if (row === undefined) throw new Error('no publish');
  return publishWhy(row.document, now);
}

describe('why a publish waits that brings its traffic share by share', () => {
  it('names the share, until when it is watched, what has to come by then, and what follows if it does badly', () => {
    expect(whyAfter(...watching)).toEqual({
      ...{ publish_id: id, status: 'activating', waits_for: 'traffic', blocks: [] },
      explanation:
        '10 % of new executions go to v1.3.0 (share 1 of 2), the rest to v1.2.0. ' +
        'That is watched until 2026-03-19T14:25:00.000Z; at least 20 executions have to have ended by then, with fewer, for 30 s longer. ' +
        'It does well while at most 5 % of them fail, and 95 % of them take at most 800 ms. ' +
        'If it does badly, all go back to v1.2.0 by themselves, at once.',
      since: '2026-03-19T14:24:00.000Z',
      ...{ resume_at: '2026-03-19T14:25:00.000Z', deadline_at: '2026-03-19T14:26:30.000Z' },
      can_be_moved_by: [
        { who: 'the clock', how: 'at 2026-03-19T14:25:00.000Z' },
        { who: 'executions of v1.3.0', how: `20 have to have ended; m3-publish traffic ${id} counts them` },
        { who: 'an operator (admin or maintainer)', how: `m3-publish cancel ${id} --reason …` },
      ],
    });
  });

  it('says that it is watched for longer, and for how long, where too few executions came', () => {
    expect(whyAfter(...watching, judged(story, 1, 'inconclusive'))).toMatchObject({
      waits_for: 'traffic',
      explanation: expect.stringContaining(
        'Too few executions had ended by 2026-03-19T14:25:00.000Z: it is watched until 20 have, or goes back at 2026-03-19T14:25:30.000Z.',
      ) as unknown,
      resume_at: null,
      can_be_moved_by: [{ who: 'executions of v1.3.0' }, { who: 'an operator (admin or maintainer)' }],
    });
  });

  it('sends people to the deployer while a share is brought, and while traffic goes back', () => {
    const shifting = whyAfter(...begun, told(story, 'TrafficShiftRequested'));
    const returning = whyAfter(...badlyShared(story).slice(0, -2));
    for (const why of [shifting, returning]) {
      expect(why).toMatchObject({ waits_for: 'step', deadline_at: '2026-03-19T14:23:45.000Z' });
      expect(why.can_be_moved_by[0]).toMatchObject({ who: 'the service deployer' });
    }
    expect(returning).toMatchObject({
      status: 'rolling_back',
      explanation: expect.stringContaining('New executions go back to v1.2.0') as unknown,
    });
    expect(returning.can_be_moved_by).toHaveLength(1);
  });
});

describe('the log of a publish that brings its traffic share by share', () => {
  const textsOf = (...events: readonly StoryEvent[]) =>
    publishLog(recorded(events)).map(({ line, step }) => `${step ?? ''} ${line.slice(line.indexOf('] ') + 2)}`);

  it('tells of each share, and of what it came to', () => {
    const log = [{ at: '2026-03-19T14:24:00.000Z', level: 'info', text: '10 % of new executions go to v1.3.0' }];
    const [asked, shifted] = share(story, 1);
    const told7 = shifted && told(story, 'TrafficShifted', { ...shifted.data, log });
    const events = [asked, told7, judged(story, 1, 'passed')].filter((event) => event !== undefined);
    expect(textsOf(...events)).toEqual([
      'activating • 10 % of new executions are to go to v1.3.0 (share 1 of 2)',
      'activating ✓ 10 % of new executions go to v1.3.0 (share 1 of 2), watched until 2026-03-19 14:25:00',
      'activating ✓ Share 1 judged: 240 executions, 0.4 % of them failed',
    ]);
  });

  it('says why a share is watched for longer', () => {
    expect(textsOf(judged(story, 1, 'inconclusive'))).toEqual([
      'activating ! Too few executions to judge share 1 (3 executions, 0 % of them failed; 20 executions are needed); watched for longer',
    ]);
  });

  it('tells why traffic goes back, and whether it did', () => {
    const silent = { outcome: 'not_returned', reason: 'no answer', log: [] };
    expect(
      textsOf(
        judged(story, 1, 'failed'),
        told(story, 'TrafficReturnRequested'),
        told(story, 'TrafficReturned', { log: [] }),
        told(story, 'TrafficReturned', silent),
      ),
    ).toEqual([
      'activating ✗ Share 1 failed: 50 executions, 12 % of them failed: more than 5 %',
      'rolling_back ! Traffic goes back to v1.2.0: 12 % of 50 executions failed, more than 5 %',
      'rolling_back ✓ Traffic is back',
      'rolling_back ! Traffic was not sent back: no answer; the restore does that',
    ]);
  });
});
