import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { declared, newId, type EventData, type RecordedEvent } from '@m3/contracts';
import { Webhook } from 'standardwebhooks';
import { startSandboxGateway } from '@m3/sandbox';
import { gate, signingSecret, useGateStand } from '../fixtures/gate-stand.fixture.spec.js';

const on = useGateStand(startSandboxGateway);
const targetId = declared('GatesRequested').example.subject.target_id;

interface Received {
  readonly id: string;
  readonly body: { readonly data: { readonly callback_url: string; readonly gate_run_id: string } };
}
type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>];

/** An endpoint that takes only calls whose signature holds, and answers what the test wants. */
let answers: (call: number) => Answer;
const received: Received[] = [];
let server: Server;
let url: string;
beforeAll(async () => {
  const verifier = new Webhook(signingSecret);
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const headers = request.headers as Record<string, string>;
      // The clock of the gates stands still in tests; the signature is what counts.
      const expected = verifier.sign(
        headers['webhook-id'] ?? '',
        new Date(Number(headers['webhook-timestamp']) * 1000),
        body,
      );
      const [status, answer, more] =
        expected === headers['webhook-signature'] ? answers(received.length + 1) : [401, {}];
      received.push({ id: headers['webhook-id'] ?? '', body: JSON.parse(body) as Received['body'] });
      response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address === 'object' && address !== null) url = `http://127.0.0.1:${address.port}/judge`;
});
beforeEach(() => {
  received.length = 0;
  answers = () => [200, { outcome: 'pass' }];
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const settings = (more: object = {}) => ({ external: [{ name: 'licences', url, ...more }] });
const licences = async (more: object = {}) => gate(await on.judged({ settings: settings(more) }), 'external:licences');

describe('an external gate', () => {
  it('is asked with a signature, and told what it judges and where to call back', async () => {
    expect(await licences()).toMatchObject({ outcome: 'passed', message: 'the endpoint passes it' });
    expect(received).toMatchObject([
      {
        id: expect.stringMatching(/^gtr_.*\.licences$/),
        body: {
          type: 'gate.requested',
          data: {
            ...{ gate: 'licences', project: 'invoice-pipeline', environment: 'production' },
            callback_url: expect.stringMatching(
              /^https:\/\/publish\.example\.com\/api\/v1\/gates\/gtr_[^/]+\/callbacks\/[\w-]{43}$/,
            ),
          },
        },
      },
    ]);
  });

  it('fails with its findings, cleaned of what could forge a line', async () => {
    const finding = {
      code: 'gpl',
      severity: 'error',
      message: 'GPL\n\u001b[2Jin a\u0000',
      artifact: { kind: 'agent', name: 'x' },
    };
    answers = () => [200, { outcome: 'fail', message: 'a licence is not allowed', findings: [finding] }];
    expect(await licences()).toMatchObject({
      ...{ outcome: 'failed', message: 'a licence is not allowed' },
      findings: [{ code: 'gpl', message: 'GPL [2Jin a', artifact: { kind: 'agent', name: 'x' } }],
    });
  });

  it('that is away for a moment is asked again, under the same id', async () => {
    answers = (call) => (call < 3 ? [503, {}] : [200, { outcome: 'pass' }]);
    expect(await licences()).toMatchObject({ outcome: 'passed' });
    expect(new Set(received.map(({ id }) => id)).size).toBe(1);
    expect(new Set(received.map(({ body }) => body.data.callback_url)).size).toBe(1);
  });

  it.each<[string, Answer, string]>([
    ['an answer that is no verdict', [200, { ok: true }], 'external_answer_invalid'],
    ['a verdict with more in it', [200, { outcome: 'pass', by: 'x' }], 'external_answer_invalid'],
    ['a refusal', [422, {}], 'external_http_status'],
    ['a redirect', [302, {}, { location: 'http://127.0.0.1:9/' }], 'external_redirect_refused'],
    ['an endless answer', [200, { outcome: 'pass', message: 'x'.repeat(300_000) }], 'external_body_too_large'],
  ])('has no result for %s', async (_, answer, code) => {
    answers = () => answer;
    expect(await licences()).toMatchObject({ outcome: 'inconclusive', codes: [code] });
    expect(received).toHaveLength(1);
  });

  it('has no result when it never answers', async () => {
    answers = () => [503, {}];
    expect(await licences({ timeout_seconds: 1 })).toMatchObject({ outcome: 'inconclusive' });
  });

  it.each([
    ['a private address', 'http://10.0.0.1/judge'],
    ['the metadata service', 'http://169.254.169.254/latest'],
    ['a literal in another spelling', 'http://0xa9fea9fe/latest'],
  ])('is not asked at %s', async (_, address) => {
    const judged = await on.judged({ settings: { external: [{ name: 'licences', url: address }] } });
    expect(gate(judged, 'external:licences')).toMatchObject({
      outcome: 'inconclusive',
      codes: ['external_address_refused'],
    });
  });

  it('is not asked without a secret to sign with', async () => {
    const judged = await on.judged({ settings: { external: [{ name: 'unknown', url }] } });
    expect(gate(judged, 'external:unknown').codes).toEqual(['external_secret_missing']);
    expect(received).toHaveLength(0);
  });

  it('is signed with the secret of the target, and needs no setting then', async () => {
    const secret_ref = await on.stand().secrets.put(targetId, signingSecret);
    const judged = await on.judged({ settings: { external: [{ name: 'unknown', url, secret_ref }] } });
    expect(gate(judged, 'external:unknown')).toMatchObject({ outcome: 'passed' });
  });

  it('is not asked when the secret belongs to another target', async () => {
    const secret_ref = await on.stand().secrets.put(newId('target'), signingSecret);
    const judged = await on.judged({ settings: { external: [{ name: 'licences', url, secret_ref }] } });
    expect(gate(judged, 'external:licences').codes).toEqual(['secret_cannot_be_opened']);
    expect(received).toHaveLength(0);
  });
});

describe('an external gate that calls back', () => {
  const verdict = { outcome: 'pass' } as const;
  const caller = { id: 'external-gate', roles: [] };

  /** A run that waits for the call back; what the endpoint was told. */
  async function waiting(more: object = {}) {
    answers = () => [200, { outcome: 'pending', message: 'two people look at it' }];
    const stand = on.stand();
    const { event, request } = await stand.ask({ settings: settings(more) });
    await stand.judge(event);
    const { callback_url } = received.at(-1)?.body.data ?? { callback_url: '' };
    const token = callback_url.slice(callback_url.lastIndexOf('/') + 1);
    const { gate_run_id } = request;
    const callBack = (of = token, run = gate_run_id) =>
      stand.settle.callBack({ caller, command_id: newId('command'), gate_run_id: run, token: of, verdict });
    const types = async () => (await stand.history(gate_run_id)).map(({ type }) => type);
    return { ...stand, event, gate_run_id, token, callBack, types };
  }
  const dataOf = (event: RecordedEvent | undefined) => event?.data as EventData<'GatesCompleted'>;

  it('holds the run up until it does, and is not asked again meanwhile', async () => {
    const { types, callBack, judge, event, history, gate_run_id } = await waiting();
    await judge(event);
    expect(received).toHaveLength(1);
    expect(await types()).not.toContain('GatesCompleted');

    expect(await callBack()).toMatchObject({ outcome: 'accepted', result: { gate: 'external:licences' } });
    expect(dataOf((await history(gate_run_id)).at(-1))).toMatchObject({ outcome: 'passed' });
  });

  it('may do so once', async () => {
    const { types, callBack } = await waiting();
    await callBack();
    const before = await types();
    expect(await callBack()).toMatchObject({ outcome: 'rejected', rejection: { code: 'callback_used' } });
    expect(await types()).toEqual(before);
  });

  it('has to have the token, which nothing in the log tells', async () => {
    const { types, callBack, token, history, gate_run_id } = await waiting();
    const before = await types();
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    expect(await callBack(forged)).toMatchObject({ rejection: { code: 'callback_forbidden' } });
    expect(await callBack(token, newId('gateRun'))).toMatchObject({ rejection: { code: 'gate_run_not_found' } });
    expect(await types()).toEqual(before);
    expect(JSON.stringify(await history(gate_run_id))).not.toContain(token);
  });

  it('has no result when it does not do so in time, and is refused then', async () => {
    const { types, callBack, settle, advance, history, gate_run_id } = await waiting({ timeout_seconds: 30 });
    advance(29);
    await settle.expire(gate_run_id);
    expect(await types()).not.toContain('GatesCompleted');
    advance(1);
    expect(await callBack()).toMatchObject({ rejection: { code: 'callback_expired' } });
    await settle.expire(gate_run_id);
    const ended = dataOf((await history(gate_run_id)).at(-1));
    expect(gate(ended, 'external:licences')).toMatchObject({ outcome: 'inconclusive', codes: ['gate_timed_out'] });
    expect(await callBack()).toMatchObject({ rejection: { code: 'callback_expired' } });
  });
});
