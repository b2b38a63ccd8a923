import fc from 'fast-check';
import { maskSecrets } from './mask-secrets.js';

describe('a text that is shown', () => {
  it.each([
    ['{"password":"hunter2"}', '{"password":"***"}'],
    ['{"api_key": "abc\\"def", "x": 1}', '{"api_key": "***", "x": 1}'],
    ['dbPassword: hunter2, retries: 3', 'dbPassword: ***, retries: 3'],
    ['postgresql://user:hunter2@db.example.com/m3', 'postgresql://user:***@db.example.com/m3'],
    ['Authorization: Bearer abcdefghijklmnopqrstuvwxyz', 'Authorization: ***'],
    ['key AKIAIOSFODNN7EXAMPLE of AWS', 'key *** of AWS'],
    ['a\n-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----', 'a\n***-----END PRIVATE KEY-----'],
    ['{"password":"cut of', '{"password":"***'],
  ])('holds no secret: %s', (text, shown) => {
    expect(maskSecrets(text)).toBe(shown);
    expect(maskSecrets(text)).not.toMatch(/hunter2|abc\\|abcdefghij|AKIA|MIIB|cut of/);
  });

  it('holds nothing under a name that says secret', () => {
    expect(maskSecrets('hunter2', 'llm_api_key')).toBe('***');
    expect(maskSecrets('${API_KEY}', 'llm_api_key')).toBe('${API_KEY}');
  });

  it('is left alone where nothing in it is secret', () => {
    const text = '{"project":"invoice-pipeline","token_limit":4096,"password":"${DB_PASSWORD}","max_tokens":5}';
    expect(maskSecrets(text)).toBe(text);
  });

  it('never shows a value that stands under such a name in JSON', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!§$%&()=?"\\ ]{6,40}$/).filter((text) => /[A-Za-z0-9]{4}/.test(text));
    fc.assert(
      fc.property(secret, fc.dictionary(fc.string(), fc.jsonValue()), (value, rest) => {
        const unique = `canary${value}`;
        expect(maskSecrets(JSON.stringify({ ...rest, password: unique }))).not.toContain('canary');
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
