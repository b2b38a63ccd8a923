import { VersionTaggedMessage } from '@m3/contracts';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';

/** A message of half a MiB of bundle and its envelope fits; whatever is larger cannot be one. */
export const maxMessageBytes = 1024 * 1024;

export type TagMessage =
  | { readonly ok: true; readonly message: VersionTaggedMessage }
  | { readonly ok: false; readonly code: string; readonly reason: string; readonly field?: string };

const isTagMessage = ajvFormats.default(new Ajv({ strict: false })).compile<VersionTaggedMessage>(VersionTaggedMessage);

/** Reads a `version.tagged` CloudEvent. What it is not is said with the field at fault, dotted. Never throws. */
export function readTagMessage(bytes: Uint8Array): TagMessage {
  if (bytes.length > maxMessageBytes) {
    return {
      ok: false,
      code: 'message_too_large',
      reason: `the message has ${bytes.length} bytes; a bundle over 512 KiB travels by uri`,
    };
  }
  const value = parseJson(bytes);
  if (value === undefined) return { ok: false, code: 'not_json', reason: 'the message is not JSON in UTF-8' };
  if (isTagMessage(value)) return { ok: true, message: value };
  const [error] = isTagMessage.errors ?? [];
  const missing = error?.keyword === 'required' ? `/${String(error.params['missingProperty'])}` : '';
  const field = `${error?.instancePath ?? ''}${missing}`.slice(1).replaceAll('/', '.');
  const unknown = error?.keyword === 'additionalProperties' ? `: ${String(error.params['additionalProperty'])}` : '';
  const reason = `${field || 'the message'} ${error?.message ?? 'has the wrong shape'}${unknown}`;
  return { ok: false, code: 'invalid_message', reason, ...(field === '' ? {} : { field }) };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
