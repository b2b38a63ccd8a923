import type { ExternalVerdict, Finding } from '@m3/contracts';
import { failed, oneLine, passed, type Verdict } from '../domain/check.js';

/** The verdict of somebody outside, in our words: its texts are cleaned of what could not be stored or shown. */
export function externalVerdict({ outcome, message, findings = [] }: ExternalVerdict): Verdict {
  const more = { findings: findings.map(cleaned) };
  return outcome === 'pass'
    ? passed(oneLine(message ?? 'the endpoint passes it'), more)
    : failed(oneLine(message ?? 'the endpoint refuses it'), more);
}

function cleaned({ severity, code, message, artifact, ...rest }: Finding): Finding {
  const texts = Object.entries(rest).map(([field, text]) => [field, oneLine(text)] as const);
  const where =
    artifact === undefined ? {} : { artifact: { kind: oneLine(artifact.kind), name: oneLine(artifact.name) } };
  return { severity, code: oneLine(code), message: oneLine(message), ...where, ...Object.fromEntries(texts) };
}
