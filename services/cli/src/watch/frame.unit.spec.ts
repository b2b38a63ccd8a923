import { at, publishDetail, stepsAt, watchedShare } from '../fake-gateway.spec.js';
import { frameOf, type Surface } from './frame.js';
import type { PublishLogLine } from './shown-log.js';

const surface: Surface = { columns: 80, rows: 24, now: Date.parse(at) + 3_200, lost: null };
const line = (text: string, step: PublishLogLine['step']): PublishLogLine => ({
  at,
  level: 'info',
  text,
  step,
  line: `[14:23:45] ${text}`,
});
const texts = (...args: Parameters<typeof frameOf>): string[] => frameOf(...args).map(({ text }) => text);

describe('the picture of a publish', () => {
  const publish = publishDetail({ publish_id: 'pub_1', status: 'gating', steps: stepsAt('gating') });

  it('shows the eight steps with their durations, and the log under the current one', () => {
    const lines = [line('gateway answers', 'validating'), line('security scan passed', 'gating')];
    expect(texts([{ publish, lines }], surface)).toEqual([
      'invoice-pipeline v1.3.0 → staging',
      'pub_1  gating',
      '  ✓ Pre-publish validation       412 ms  all well',
      expect.stringMatching(/^ {2}. Quality gates {17}3\.2 s$/),
      '      [14:23:45] security scan passed',
      '  · Approval',
      '  · Backup',
      '  · Deploy artifacts',
      '  · Activation',
      '  · Verification',
      '  · Notification',
    ]);
  });

  it('keeps the log under the step that failed', () => {
    const failed = publishDetail({ status: 'failed', steps: stepsAt('gating', 'failed') });
    expect(texts([{ publish: failed, lines: [line('secret found', 'gating')] }], surface)).toContain(
      '      [14:23:45] secret found',
    );
  });

  it('says that the connection is lost', () => {
    expect(texts([{ publish, lines: [] }], { ...surface, lost: 'connection refused' }).at(-1)).toBe(
      'connection lost, trying again: connection refused',
    );
  });

  it.each([
    [80, 24],
    [30, 8],
    [10, 3],
  ])('fits into %i columns and %i rows', (columns, rows) => {
    const lines = Array.from({ length: 9 }, (_, index) => line(`a long line ${'x'.repeat(200)} ${index}`, 'gating'));
    const picture = texts([{ publish, lines }], { ...surface, columns, rows, lost: 'away' });
    expect(picture.length).toBeLessThan(rows);
    expect(Math.max(...picture.map((text) => [...text].length))).toBeLessThan(columns);
  });

  it('passes no control characters on', () => {
    const lines = [line('\x1b[2Jgone\r', 'gating')];
    expect(texts([{ publish, lines }], surface).join('')).not.toMatch(/\p{Cc}/u);
  });
});

describe('the picture of several publishes', () => {
  const many = Array.from({ length: 50 }, (_, index) => ({
    publish: publishDetail({
      target_name: `target ${index}`,
      ...(index === 49 ? {} : { status: 'succeeded', duration_ms: 900 }),
    }),
    lines: [],
  }));

  it('is a line for each', () => {
    expect(texts(many.slice(0, 2), surface)[0]).toMatch(/^ {2}✓ target 0 +succeeded +900 ms$/);
    expect(texts(many.slice(0, 2), surface)).toHaveLength(2);
  });

  it('says which share of the traffic a version has', () => {
    const traffic = { ...watchedShare, watch_until: '2026-03-19T14:24:45.000Z' };
    const publish = publishDetail({ status: 'activating', traffic });
    expect(texts([{ publish, lines: [] }, ...many.slice(0, 1)], { ...surface, columns: 200 })[0]).toContain(
      '10 % of new executions go to v1.3.0 (share 1 of 2), watched until 2026-03-19T14:24:45.000Z',
    );
  });

  it('leaves out the finished ones first when not all fit', () => {
    const picture = texts(many, surface);
    expect(picture[0]).toContain('target 49');
    expect(picture.at(-1)).toBe('  … and 29 more');
  });
});
