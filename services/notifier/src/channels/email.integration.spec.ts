import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { channel, message, notification_id, publish_id, useHttp } from './messages.fixture.spec.js';

interface Mail {
  readonly to: readonly string[];
  readonly source: string;
  readonly user: string | undefined;
}

const http = useHttp();
const password = 'not-to-be-told';
const mails: Mail[] = [];
let server: SMTPServer;
let port = 0;

beforeAll(async () => {
  server = new SMTPServer({
    ...{ authOptional: true, allowInsecureAuth: true, disabledCommands: ['STARTTLS'], disableReverseLookup: true },
    onAuth: ({ username, password: given }, _session, done) => {
      if (given === password) done(null, { user: username });
      else done(Object.assign(new Error('no'), { responseCode: 535 }));
    },
    onRcptTo: ({ address }, _session, done) => {
      const [code] = /^\d+/.exec(address) ?? [];
      if (code === undefined) done();
      else done(Object.assign(new Error('no'), { responseCode: Number(code) }));
    },
    onData: (stream, session, done) => {
      void text(stream).then((source) => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ to, source, user: session.user === undefined ? undefined : String(session.user) });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  if (typeof address === 'object' && address !== null) port = address.port;
});
beforeEach(() => void (mails.length = 0));
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

const settings = { kind: 'email', name: 'managers', host: '127.0.0.1', tls: 'none', from: 'm3@example.com' };
const email = (more: object = {}) => channel(http(), { ...settings, port, to: ['ann@example.com'], ...more });

describe('a mail', () => {
  it('says what happened, with the way to it, under the id of its notification', async () => {
    const sent = await email({ to: ['ann@example.com', 'bob@example.com'] }).send(message('publish.failed'));
    expect(sent).toEqual({ outcome: 'delivered' });
    const [mail] = mails;
    expect(mail?.to).toEqual(['ann@example.com', 'bob@example.com']);
    expect(mail?.source).toContain(`Message-ID: <${notification_id}@m3-publish>`);
    expect(mail?.source).toContain(`References: <${publish_id}@m3-publish>`);
    expect(mail?.source.replaceAll('\r\n ', ' ')).toContain(
      'Subject: publish failed: invoice-pipeline v1.3.0 to Production US East (production)',
    );
    expect(mail?.source).toContain('what happened');
    expect(mail?.source.replaceAll('=\r\n', '')).toContain(
      `https://publish.example.com/api/v1/publishes/${publish_id}`,
    );
  });

  it('has no header but ours, whatever a text holds', async () => {
    const subject = { project: 'invoice-pipeline', version: 'v1.3.0', target_name: 'East\r\nBcc: mallory@example.com' };
    await email().send(message('publish.failed', { subject }));
    expect(mails[0]?.to).toEqual(['ann@example.com']);
    expect(mails[0]?.source).not.toMatch(/^Bcc:/m);
  });

  it('goes out with the sign-in of the settings', async () => {
    await email({ user: 'm3', password }).send(message('publish.failed'));
    expect(mails[0]?.user).toBe('m3');
  });

  it.each([
    ['nobody takes is given up', { to: ['550@example.com'] }, { outcome: 'refused', reason: 'EENVELOPE (SMTP 550)' }],
    [
      'is put off by the server is tried again',
      { to: ['451@example.com'] },
      { outcome: 'failed', reason: 'EENVELOPE (SMTP 451)' },
    ],
    [
      'has a wrong sign-in is tried again',
      { user: 'm3', password: 'old' },
      { outcome: 'failed', reason: 'EAUTH (SMTP 535)' },
    ],
    ['cannot be encrypted as asked is not sent', { tls: 'required' }, { outcome: 'failed', reason: 'ETLS (SMTP 500)' }],
  ])('that %s', async (_what, more, outcome) => {
    expect(await email(more).send(message('publish.failed'))).toEqual(outcome);
    expect(mails).toEqual([]);
  });

  it('that reaches some is delivered, and says whom it did not reach', async () => {
    expect(await email({ to: ['ann@example.com', '550@example.com'] }).send(message('publish.failed'))).toEqual({
      ...{ outcome: 'delivered', reason: 'not taken for 550@example.com' },
    });
    expect(mails).toHaveLength(1);
  });

  it('to a server that is away is tried again', async () => {
    expect(await email({ port: 9 }).send(message('publish.failed'))).toEqual({ outcome: 'failed', reason: 'ESOCKET' });
  });
});
