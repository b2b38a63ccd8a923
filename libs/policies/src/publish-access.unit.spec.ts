import type { Caller } from '@m3/contracts';
import { publishRefusals, taggerRefusal } from './publish-access.js';
import type { Target } from './target-state.js';

const target = (document: Partial<Target['document']>, enabled = true): Target => ({
  target_id: 'tgt_01930d8c-0000-7000-8000-000000000001',
  revision: 1,
  document: {
    name: 'Prod',
    environment: 'production',
    type: 'manual_approval',
    gateway_id: 'g',
    gateway_url: 'https://g.example.com',
    schema: 'prod',
    ...document,
  },
  address: {
    gateway_url: 'https://g.example.com',
    schema: 'prod',
    database: { host: 'db.example.com', port: 5432, name: 'm3' },
    secret_ref: 'sec_01930d8c-0000-7000-8000-000000000001',
  },
  config_digest: `sha256:${'a'.repeat(64)}`,
  enabled,
  hold: null,
  vetoed: [],
});
const ann: Caller = { id: 'ann', roles: ['maintainer'] };
const codes = (of: Target, caller: Caller, reason: string | null = null) =>
  publishRefusals(of, { caller, reason }).map(({ code }) => code);

describe('who may publish to a target', () => {
  it('is whoever has one of its allowed roles, and everybody where it names none', () => {
    expect(codes(target({}), ann)).toEqual([]);
    expect(codes(target({ access: { allowed_roles: ['maintainer'] } }), ann)).toEqual([]);
    expect(codes(target({ access: { allowed_roles: ['admin'] } }), ann)).toEqual(['not_allowed']);
  });

  it('is nobody while the target is disabled', () => {
    expect(codes(target({}, false), ann)).toEqual(['target_disabled']);
  });

  it('needs the emergency roles and a reason for an emergency; all that is missing is said', () => {
    const emergency = target({ type: 'emergency', emergency: { allowed_roles: ['admin'] } });
    const admin: Caller = { id: 'eve', roles: ['admin'] };
    expect(codes(emergency, ann, 'all is down')).toEqual(['not_allowed']);
    expect(codes(emergency, ann)).toEqual(['not_allowed', 'justification_required']);
    expect(codes(emergency, admin)).toEqual(['justification_required']);
    expect(codes(emergency, admin, 'all is down')).toEqual([]);
  });
});

describe('who may tag a version', () => {
  it('is a person in their own name, or a service for others', () => {
    expect(taggerRefusal('ann', ann)).toBeNull();
    expect(taggerRefusal('bob', ann)).toMatchObject({ rejection: { code: 'not_allowed', field: 'tagged_by' } });
    expect(taggerRefusal('bob', { id: 'forge', roles: ['service'] })).toBeNull();
  });
});
