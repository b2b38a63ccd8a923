import type { GuardedHttp } from '@m3/target-environment';
import { payload } from './messages.fixture.spec.js';
import { openChannels } from './registry.js';

/** Nothing is sent here. */
const http: GuardedHttp = { request: () => Promise.reject(new Error('no')), close: () => Promise.resolve() };
const open = (...entries: readonly unknown[]) => openChannels(entries, { http });
const secret = `whsec_${'c2VjcmV0'.repeat(4)}`;
const hook = { kind: 'webhook', name: 'releases', url: 'https://hooks.example.com', secret };

describe('the settings of channels', () => {
  it.each([
    ['no object', 7, 'channel 1 has wrong settings: : Expected object'],
    ['an unknown kind', { ...hook, kind: 'pigeon' }, 'channel 1 has wrong settings: kind: Expected union value'],
    [
      'a field that is missing',
      { kind: 'webhook', name: 'releases', url: 'https://a' },
      'secret: Expected required property',
    ],
    ['a field that is not known', { ...hook, sekret: 'x' }, 'sekret: Unexpected property'],
    [
      'a rule that is none',
      { ...hook, rules: [{ events: ['publish.(a|b)+'] }] },
      'rules.0.events.0: Expected string to match',
    ],
  ])('with %s are refused, and say where', (_what, entry, reason) => {
    expect(() => open(entry)).toThrow(reason);
  });

  it('that are wrong are never quoted', () => {
    const wrong = { kind: 'pagerduty', name: 'on-call', routing_key: 'SECRET' };
    expect(() => open(wrong)).toThrow(
      'the channel "on-call" has wrong settings: routing_key: Expected string to match',
    );
    expect(() => open(wrong)).not.toThrow('SECRET');
  });

  it('with a name twice are refused', () => {
    expect(() => open(hook, hook)).toThrow('two channels have the name "releases"');
  });
});

describe('a channel', () => {
  const told = (rules: readonly object[], ...told: Parameters<typeof payload>) =>
    open({ ...hook, rules })[0]?.wants(payload(...told));

  it.each([
    ['of everything, without rules', [], 'publish.failed', true],
    ['of a kind that its rule names', [{ events: ['publish.failed'] }], 'publish.failed', true],
    ['of no other', [{ events: ['publish.failed'] }], 'publish.succeeded', false],
    ['of all kinds that begin so', [{ events: ['publish.*'] }], 'publish.succeeded', true],
    ['of none that begins otherwise', [{ events: ['publish.*'] }], 'publishing.done', false],
    ['of its environment', [{ environments: ['production'] }], 'publish.failed', true],
    ['of no other environment', [{ environments: ['staging'] }], 'publish.failed', false],
    ['of its target by name', [{ targets: ['Production US East'] }], 'publish.failed', true],
    [
      'only if all that a rule names fits',
      [{ events: ['review.*'], environments: ['production'] }],
      'publish.failed',
      false,
    ],
    ['if any of several rules fits', [{ environments: ['staging'] }, { events: ['*'] }], 'publish.failed', true],
  ])('is told %s', (_what, rules, type, expected) => {
    expect(told(rules, type)).toBe(expected);
  });

  it('with a rule about targets is not told of what is about none', () => {
    const subject = { project: 'invoice-pipeline', version: 'v1.3.0' };
    expect(told([{ environments: ['production'] }], 'version.conflict', { subject })).toBe(false);
    expect(told([{ events: ['version.*'] }], 'version.conflict', { subject })).toBe(true);
  });
});
