import { VersionTaggedMessage, withFormats } from '@m3/contracts';
import { Ajv, type ErrorObject } from 'ajv';

/** A message of half a MiB of bundle and its envelope fits; whatever is larger cannot be one. */
export const maxMessageBytes = 1024 * 1024;

export type TagMessage =
  | { readonly ok: true; readonly message: VersionTaggedMessage }
  | { readonly ok: false; readonly code: string; readonly reason: string; readonly field?: string };

const isTagMessage = withFormats(new Ajv({ strict: false })).compile<VersionTaggedMessage>(VersionTaggedMessage);

/** Reads a `version.tagged` CloudEvent. What it is not is said with the field at fault, dotted. Never throws. */
export function readTagMessage(bytes: Uint8Array): TagMessage {
  if (bytes.length > maxMessageBytes) {
    const reason = `the message has ${bytes.length} bytes; a bundle over 512 KiB travels by uri`;
    return { ok: false, code: 'message_too_large', reason };
  }
  const value = parseJson(bytes);
  if (value === undefined) return { ok: false, code: 'not_json', reason: 'the message is not JSON in UTF-8' };
  return isTagMessage(value) ? { ok: true, message: value } : misshapen(isTagMessage.errors?.[0]);
}

function misshapen(error: ErrorObject | undefined): TagMessage {
  if (!error) return { ok: false, code: 'invalid_message', reason: 'the message has the wrong shape' };
  const { instancePath, message = 'has the wrong shape', keyword, params } = error;
  const named = keyword === 'required' ? `/${String(params['missingProperty'])}` : '';
  const unknown = keyword === 'additionalProperties' ? `: ${String(params['additionalProperty'])}` : '';
  const field = `${instancePath}${named}`.slice(1).replaceAll('/', '.');
  const reason = `${field || 'the message'} ${message}${unknown}`;
  return field === ''
    ? { ok: false, code: 'invalid_message', reason }
    : { ok: false, code: 'invalid_message', reason, field };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
