import { channel, message, notification_id, publish_id, useHttp } from './messages.fixture.spec.js';
import { useReceiver } from './receiver.fixture.spec.js';
import { slackMessage } from './slack.js';

const http = useHttp();
const receiver = useReceiver();
const slack = () =>
  channel(http(), { kind: 'slack', name: 'releases', url: `${receiver().url}/services/T0/B0/secret` });

interface Block {
  readonly type: string;
  readonly text?: { readonly text: string };
}
function blocksOf(text: string): readonly Block[] {
  const { blocks } = slackMessage(message('publish.failed', { message: text })) as {
    readonly blocks: readonly Block[];
  };
  return blocks;
}

describe('Slack', () => {
  it('is told in a headline, the text, the way to it, and the id that tells repeats', async () => {
    expect(await slack().send(message('publish.failed'))).toEqual({ outcome: 'delivered' });
    const headline = 'publish failed: invoice-pipeline v1.3.0 to Production US East (production)';
    expect(receiver().received).toMatchObject([
      {
        path: '/services/T0/B0/secret',
        body: {
          text: headline,
          blocks: [
            { type: 'section', text: { type: 'mrkdwn', text: `*${headline}*` } },
            { type: 'section', text: { text: 'what happened' } },
            {
              type: 'context',
              elements: [
                {
                  text: `<https://publish.example.com/api/v1/publishes/${publish_id}|publish> · ${notification_id}`,
                },
              ],
            },
          ],
        },
      },
    ]);
  });

  it('shows text as text: it calls no channel and makes no link', () => {
    const text = blocksOf('<!channel> & <https://evil.example|here>')[1]?.text?.text;
    expect(text).toBe('&lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;');
  });

  it('gets long texts in blocks that it takes, none of them with half a sign', () => {
    const blocks = blocksOf('&'.repeat(400_000));
    expect(blocks.length).toBe(50);
    for (const { text } of blocks.slice(1, -1)) {
      expect(text?.text).toMatch(/^(&amp;){600}$/);
    }
    expect(blocksOf('x'.repeat(3_001)).map(({ text }) => text?.text.length)).toEqual([
      expect.any(Number),
      3_000,
      1,
      undefined,
    ]);
  });

  it('that is away or busy is tried again; an address that is no longer valid is not', async () => {
    receiver().answers.push(429, 404);
    expect(await slack().send(message('publish.failed'))).toEqual({ outcome: 'failed', reason: 'HTTP 429' });
    expect(await slack().send(message('publish.failed'))).toEqual({ outcome: 'refused', reason: 'HTTP 404' });
  });

  it.each([
    ['seconds', '30', { pauseSeconds: 30 }],
    ['a moment', 'Thu, 19 Mar 2026 14:24:46 GMT', { pauseSeconds: 60 }],
    ['a moment that is over', 'Thu, 19 Mar 2026 14:23:00 GMT', {}],
    ['nonsense', 'soon', {}],
    ['less than nothing', '-5', {}],
  ])('that asks to be left alone is, when it says for how long: %s', async (_what, asked, pause) => {
    receiver().answers.push({ status: 429, headers: { 'retry-after': asked } });
    expect(await slack().send(message('publish.failed'))).toEqual({ outcome: 'failed', reason: 'HTTP 429', ...pause });
  });
});
