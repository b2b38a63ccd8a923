import { HttpRequestError, type GuardedHttp } from '@m3/target-environment';
import type { Try } from '../domain/delivery.js';

const timeoutMs = 5_000;
/** Answers that may be different next time (RFC 9110). */
const retryable = (status: number): boolean => status === 408 || status === 429 || status >= 500;

export interface JsonPost {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Posts JSON once: 2xx is delivered, "later" and no answer have failed, anything else is refused for good. The reason
 * names the status or the origin: addresses and answers may hold secrets.
 */
export async function postJson(http: GuardedHttp, { url, body, headers }: JsonPost): Promise<Try> {
  try {
    const all = { 'content-type': 'application/json', ...headers };
    const { status } = await http.request({ method: 'POST', url, headers: all, body, timeoutMs });
    if (status >= 200 && status < 300) return { outcome: 'delivered' };
    return { outcome: retryable(status) ? 'failed' : 'refused', reason: `HTTP ${status}` };
  } catch (error) {
    if (error instanceof HttpRequestError) return { outcome: 'failed', reason: error.message };
    throw error;
  }
}
