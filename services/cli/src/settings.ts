import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError } from './cli-error.js';
import { faultOf } from './fault.js';

export const defaultUrl = 'http://127.0.0.1:7400';
const settingsFile = join('.m3-publish', 'cli.json');

/** Where the gateway is and who asks. */
export interface Settings {
  readonly url: string;
  readonly token: string | null;
}

export interface SettingsSources {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * Flags win over the environment, the environment over the nearest `.m3-publish/cli.json` from the current folder upwards.
 * A token of the file is used only with the address of the same file: it is never sent to another gateway.
 */
export function resolveSettings({ url, token, env, cwd }: SettingsSources): Settings {
  const givenUrl = url ?? nonEmpty(env['M3_PUBLISH_URL']);
  const givenToken = token ?? nonEmpty(env['M3_PUBLISH_TOKEN']);
  if (givenUrl !== undefined && givenToken !== undefined) return { url: checkedUrl(givenUrl), token: givenToken };
  const file = fromFile(cwd);
  const address = givenUrl === undefined ? file.url : checkedUrl(givenUrl);
  return { url: address, token: givenToken ?? (address === file.url ? file.token : null) };
}

function fromFile(cwd: string): Settings {
  const file = nearestFile(cwd);
  return { url: checkedUrl(file?.url ?? defaultUrl), token: file?.token ?? null };
}

interface SettingsFile {
  readonly url: string | undefined;
  readonly token: string | undefined;
}

function nearestFile(from: string): SettingsFile | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, settingsFile);
    const text = readIfThere(path);
    if (text !== null) return parseFile(path, text);
    if (dirname(folder) === folder) return null;
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = faultOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new CliError('settings_unreadable', `${path} cannot be read (${code})`, {
      remedy: 'correct its permissions, or give --url and --token',
    });
  }
}

function parseFile(path: string, text: string): SettingsFile {
  const parsed = parseJson(text);
  if (typeof parsed !== 'object' || parsed === null) {
    throw new CliError('settings_invalid', `${path} is not a JSON object`, {
      remedy: 'write {"url": "…", "token": "…"} into it',
    });
  }
  return { url: textField(path, parsed, 'url'), token: textField(path, parsed, 'token') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function textField(path: string, record: object, field: string): string | undefined {
  const value: unknown = Reflect.get(record, field);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new CliError('settings_invalid', `${field} in ${path} is not a text`, {
    field,
    remedy: 'correct or remove it',
  });
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new CliError('url_invalid', `the address ${JSON.stringify(text)} is not an http or https URL`, {
      field: 'url',
      remedy: `give --url or M3_PUBLISH_URL such as ${defaultUrl}`,
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new CliError('url_invalid', 'the address holds a user name or password', {
      field: 'url',
      remedy: 'give a token with --token or M3_PUBLISH_TOKEN instead',
    });
  }
  return url.href.replace(/\/+$/, '');
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
