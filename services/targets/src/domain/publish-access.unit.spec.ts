import type { Caller } from '@m3/contracts';
import { publishRefusal, taggerRefusal } from './publish-access.js';
import type { Target } from './target.js';

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

describe('who may publish to a target', () => {
  it('is whoever has one of its allowed roles, and everybody where it names none', () => {
    expect(publishRefusal(target({}), ann, null)).toBeNull();
    expect(publishRefusal(target({ access: { allowed_roles: ['maintainer'] } }), ann, null)).toBeNull();
    expect(publishRefusal(target({ access: { allowed_roles: ['admin'] } }), ann, null)).toMatchObject({
      rejection: { code: 'not_allowed' },
    });
  });

  it('is nobody while the target is disabled', () => {
    expect(publishRefusal(target({}, false), ann, null)).toMatchObject({ rejection: { code: 'target_disabled' } });
  });

  it('needs the emergency roles and a reason for an emergency', () => {
    const emergency = target({ type: 'emergency', emergency: { allowed_roles: ['admin'] } });
    const admin: Caller = { id: 'eve', roles: ['admin'] };
    expect(publishRefusal(emergency, ann, 'all is down')).toMatchObject({ rejection: { code: 'not_allowed' } });
    expect(publishRefusal(emergency, admin, null)).toMatchObject({
      rejection: { code: 'justification_required', field: 'reason' },
    });
    expect(publishRefusal(emergency, admin, 'all is down')).toBeNull();
  });
});

describe('who may tag a version', () => {
  it('is a person in their own name, or a service for others', () => {
    expect(taggerRefusal('ann', ann)).toBeNull();
    expect(taggerRefusal('bob', ann)).toMatchObject({ rejection: { code: 'not_allowed', field: 'tagged_by' } });
    expect(taggerRefusal('bob', { id: 'forge', roles: ['service'] })).toBeNull();
  });
});
