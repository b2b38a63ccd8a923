import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExternalGateAnswer, sha256, type ExternalGateRequest, type ExternalGateSettings } from '@m3/contracts';
import { HttpRequestError, type GuardedHttp, type HttpAnswer } from '@m3/target-environment';
import { Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { Webhook } from 'standardwebhooks';
import { inconclusive, oneLine } from '../domain/check.js';
import { externalVerdict } from './external-verdict.js';
import { defineGate, type Gate, type GateAnswer, type GateContext } from './gate.js';
import type { SigningSecrets } from './signing-secrets.js';

/** What external gates are called with. */
export interface ExternalGateParts {
  readonly http: GuardedHttp;
  readonly secrets: SigningSecrets;
  /** Where the API can be reached from outside, without a slash at the end. */
  readonly publicUrl: string;
  /** One-time tokens are derived from it, so that a call that is repeated after a crash carries the same one. */
  readonly tokenKey: string;
}

const answerCheck = TypeCompiler.Compile(ExternalGateAnswer);
const largestAnswer = 256 * 1024;
const callTimeoutMs = 10_000;
const mostCalls = 6;
const firstPauseMs = 250;
const giveSecret = 'Give the external gate its secret in the document of the target.';
const lookAtEndpoint = 'Look at the endpoint of the external gate, and retry the publish.';

/** The gate that an HTTP endpoint is: it answers pass, fail or pending, and calls back in the last case. */
export function externalGate(settings: ExternalGateSettings, parts: ExternalGateParts): Gate {
  const { name, url, timeout_seconds = 300 } = settings;
  return defineGate({
    name: externalName(name),
    pace: 'takes_time',
    checks: `what ${url} says of the version`,
    input: Type.Object({}),
    limits: () => [`it answers, or calls back, within ${timeout_seconds} s`],
    timeoutSeconds: timeout_seconds,
    async run(_, context) {
      const signing = await parts.secrets.of(settings, context.subject.target_id);
      if (signing.outcome === 'missing') return inconclusive(signing.message, signing.code, { remedy: giveSecret });
      const { secret } = signing;
      const token = tokenOf(parts.tokenKey, context.gate_run_id, name);
      await context.ask(sha256(token));
      return call({ name, url, secret, parts, context, body: requestBody(name, token, parts, context) });
    },
  });
}

export const externalName = (name: string): string => `external:${name}`;

function tokenOf(key: string, gateRunId: string, name: string): string {
  return createHmac('sha256', key).update(`gate callback ${gateRunId} ${name}`).digest('base64url');
}

function requestBody(name: string, token: string, { publicUrl }: ExternalGateParts, context: GateContext): string {
  const { gate_run_id, subject, now, deadlineAt } = context;
  const { publish_id, project, version, bundle_digest, target_name, environment } = subject;
  const request: ExternalGateRequest = {
    type: 'gate.requested',
    timestamp: now().toISOString(),
    data: {
      ...{ gate_run_id, publish_id, gate: name, project, version, bundle_digest, target: target_name, environment },
      callback_url: `${publicUrl}/api/v1/gates/${gate_run_id}/callbacks/${token}`,
      deadline_at: deadlineAt.toISOString(),
    },
  };
  return JSON.stringify(request);
}

interface Call {
  readonly name: string;
  readonly url: string;
  readonly secret: string;
  readonly parts: ExternalGateParts;
  readonly context: GateContext;
  readonly body: string;
}

type Attempt =
  | { readonly outcome: 'answered'; readonly answer: GateAnswer }
  | { readonly outcome: 'unanswered'; readonly code: string; readonly reason: string; readonly retryable: boolean };

/** Asks until there is an answer: an endpoint that is away for a moment is asked again, under the same id. */
async function call(request: Call): Promise<GateAnswer> {
  const { context } = request;
  for (let calls = 1, pause = firstPauseMs; ; calls += 1, pause *= 2) {
    const attempt = await callOnce(request);
    if (attempt.outcome === 'answered') return attempt.answer;
    const { code, reason, retryable } = attempt;
    if (!retryable || calls >= mostCalls || context.remainingMs() <= pause) {
      return inconclusive(reason, code, { remedy: lookAtEndpoint });
    }
    context.log(`${reason}; it is asked again`, 'warning');
    await sleep(pause, undefined, { signal: context.signal });
  }
}

async function callOnce({ name, url, secret, parts, context, body }: Call): Promise<Attempt> {
  const id = `${context.gate_run_id}.${name}`;
  const now = context.now();
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  };
  const timeoutMs = Math.max(1, Math.min(callTimeoutMs, context.remainingMs()));
  try {
    const limits = { timeoutMs, maxBodyBytes: largestAnswer, signal: context.signal };
    return answered(await parts.http.request({ method: 'POST', url, headers, body, ...limits }));
  } catch (error) {
    if (!(error instanceof HttpRequestError)) throw error;
    const retryable = ['connection_refused', 'connection_lost', 'timeout', 'host_not_found'].includes(error.code);
    return {
      outcome: 'unanswered',
      code: `external_${error.code}`,
      reason: `the endpoint ${error.message}`,
      retryable,
    };
  }
}

function answered({ status, text }: HttpAnswer): Attempt {
  if (status < 200 || status >= 300) {
    const retryable = status === 408 || status === 429 || status >= 500;
    return {
      outcome: 'unanswered',
      code: 'external_http_status',
      reason: `the endpoint answered with HTTP status ${status}`,
      retryable,
    };
  }
  const value = parsed(text);
  if (!answerCheck.Check(value)) {
    const reason = 'the endpoint answered something that is no verdict: {"outcome": "pass" | "fail" | "pending", …} is';
    return { outcome: 'unanswered', code: 'external_answer_invalid', reason, retryable: false };
  }
  if (value.outcome !== 'pending') return { outcome: 'answered', answer: externalVerdict(value) };
  const message = oneLine(value.message ?? 'it calls back later');
  return { outcome: 'answered', answer: { outcome: 'pending', message } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
