import { diffLines } from './target-diff.js';

it('shows what applying would change, field by field', () => {
  const lines = diffLines([
    {
      target_id: 't1',
      name: 'US East',
      outcome: 'created',
      revision: null,
      changes: [{ field: 'type', before: null, after: 'auto_deploy' }],
    },
    {
      target_id: 't2',
      name: 'EU West',
      outcome: 'changed',
      revision: null,
      changes: [
        { field: 'deployment.timeout_seconds', before: 600, after: 900 },
        { field: 'region', before: 'eu-west-1', after: null },
        { field: 'access.allowed_approvers', before: ['ann'], after: ['ann', 'bob'] },
      ],
    },
    { target_id: 't3', name: 'Dev', outcome: 'unchanged', revision: 3, changes: [] },
  ]);
  expect(lines.map(({ text }) => text)).toEqual([
    '+ US East: new',
    '    type: auto_deploy',
    '~ EU West: changed',
    '    deployment.timeout_seconds: 600 → 900',
    '    region: eu-west-1 → removed',
    '    access.allowed_approvers: ["ann"] → ["ann","bob"]',
    '= Dev: unchanged',
  ]);
});
