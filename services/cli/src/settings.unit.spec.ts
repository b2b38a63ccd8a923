import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveSettings } from './settings.js';

describe('settings', () => {
  let root: string;
  let inner: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'm3-cli-'));
    inner = join(root, 'a', 'b');
    mkdirSync(inner, { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const file = (content: unknown): void => {
    mkdirSync(join(root, '.m3-publish'), { recursive: true });
    writeFileSync(
      join(root, '.m3-publish', 'cli.json'),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  };

  it('are the local gateway without a token when nothing is given', () => {
    expect(resolveSettings({ env: {}, cwd: inner })).toEqual({ url: 'http://127.0.0.1:7400', token: null });
  });

  it('come from the nearest file upwards', () => {
    file({ url: 'http://127.0.0.1:7500/', token: 'from-file' });
    expect(resolveSettings({ env: {}, cwd: inner })).toEqual({ url: 'http://127.0.0.1:7500', token: 'from-file' });
  });

  it('come from the environment before the file, and from flags before the environment', () => {
    file({ url: 'http://127.0.0.1:7500', token: 'from-file' });
    const env = { M3_PUBLISH_URL: 'http://127.0.0.1:7500', M3_PUBLISH_TOKEN: 'from-env' };
    expect(resolveSettings({ env, cwd: inner }).token).toBe('from-env');
    expect(resolveSettings({ env, cwd: inner, token: 'from-flag' }).token).toBe('from-flag');
  });

  it('never send the token of the file to another gateway', () => {
    file({ url: 'http://127.0.0.1:7500', token: 'from-file' });
    expect(resolveSettings({ env: {}, cwd: inner, url: 'https://elsewhere.example.com' }).token).toBeNull();
    expect(resolveSettings({ env: {}, cwd: inner, url: 'http://127.0.0.1:7500/' }).token).toBe('from-file');
  });

  it.each([
    ['no JSON', '{"url": '],
    ['no object', '[1'],
    ['a number as address', { url: 7400 }],
  ])('refuse a file with %s', (_, content) => {
    file(content);
    expect(() => resolveSettings({ env: {}, cwd: inner })).toThrow(join(root, '.m3-publish', 'cli.json'));
  });

  it.each(['localhost:7400', 'ftp://example.com', 'not a url'])('refuse the address %s', (url) => {
    expect(() => resolveSettings({ env: {}, cwd: inner, url })).toThrow('is not an http or https URL');
  });

  it('refuse an address with a password, and do not repeat it', () => {
    const attempt = (): unknown => resolveSettings({ env: {}, cwd: inner, url: 'http://ann:hush@example.com' });
    expect(attempt).toThrow('holds a user name or password');
    expect(attempt).not.toThrow('hush');
  });
});
