import { json, type Request, type Response } from 'express';
import { hazardIn } from './json-limits.js';
import { refuse, type ProblemError } from './problem-error.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bodies are read after the caller was let in, so that nobody else can make the gateway work. */
const readers = {
  usual: json({ limit: MIB, strict: false }),
  /** For versions that bring their bundle along: 512 KiB at most, but perhaps indented and escaped. */
  bundle: json({ limit: 4 * MIB, strict: false }),
};
export type BodySize = keyof typeof readers;

/** Reads the JSON body into `request.body`; undefined when there is none. @throws ProblemError */
export async function readJsonBody(request: Request, response: Response, size: BodySize): Promise<void> {
  if (!hasBody(request)) return;
  if (!request.is(['application/json', 'application/*+json'])) {
    throw refuse('unsupported_media_type', 'Send the body as JSON, with the header Content-Type: application/json.');
  }
  await new Promise<void>((resolve, reject) => {
    readers[size](request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(unreadable(error, size));
    });
  });
  refuseHazards(request.body);
}

function refuseHazards(body: unknown): void {
  const hazard = hazardIn(body);
  if (hazard === 'too_deep') throw refuse('malformed_json', 'The body is nested deeper than 64 levels.');
  if (hazard === 'unstorable_text') {
    throw refuse('malformed_json', 'The body holds text that is not valid Unicode, or a NUL character.');
  }
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

function unreadable(error: unknown, size: BodySize): ProblemError {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large') {
    const limit = size === 'bundle' ? '4 MiB; bring a larger bundle by uri' : '1 MiB';
    return refuse('body_too_large', `The body is larger than ${limit}.`, { headers: { Connection: 'close' } });
  }
  if (type === 'charset.unsupported' || type === 'encoding.unsupported') {
    return refuse('unsupported_media_type', 'Send the body as UTF-8, plain or with gzip, deflate or br.');
  }
  return refuse('malformed_json', 'The body is not JSON: check quotes, commas and brackets, and that it is complete.');
}
