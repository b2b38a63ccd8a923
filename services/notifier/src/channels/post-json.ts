import { HttpRequestError, type GuardedHttp } from '@m3/target-environment';
import type { Try } from '../domain/delivery.js';

const timeoutMs = 5_000;
/** Answers that may be different next time (RFC 9110). */
const retryable = (status: number): boolean => status === 408 || status === 429 || status >= 500;

export interface JsonPost {
  readonly url: string;
  readonly now: Date;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Posts JSON once: 2xx is delivered, "later" and no answer have failed, anything else is refused for good. The reason
 * names the status or the origin: addresses and answers may hold secrets.
 */
export async function postJson(http: GuardedHttp, { url, body, headers, now }: JsonPost): Promise<Try> {
  try {
    const all = { 'content-type': 'application/json', ...headers };
    const answer = await http.request({ method: 'POST', url, headers: all, body, timeoutMs });
    const { status } = answer;
    if (status >= 200 && status < 300) return { outcome: 'delivered' };
    const reason = `HTTP ${status}`;
    if (!retryable(status)) return { outcome: 'refused', reason };
    return { outcome: 'failed', reason, ...pauseAsked(answer.headers['retry-after'], now) };
  } catch (error) {
    if (error instanceof HttpRequestError) return { outcome: 'failed', reason: error.message };
    throw error;
  }
}

/** What `Retry-After` asks for: seconds, or a moment (RFC 9110). Nothing, if it says neither. */
function pauseAsked(value: string | string[] | undefined, now: Date): { readonly pauseSeconds?: number } {
  if (typeof value !== 'string') return {};
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - now.getTime()) / 1000);
  return seconds > 0 ? { pauseSeconds: seconds } : {};
}
