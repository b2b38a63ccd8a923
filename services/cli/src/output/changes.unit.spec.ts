import type { BundleChanges } from '@m3/contracts';
import { changeLines } from './changes.js';

const digest = `sha256:${'a'.repeat(64)}`;
const node = (query_str: string) => ({ task_id: '0197a4e2-5a00-7000-8000-000000000001', query_str });

const changes: BundleChanges = {
  counts: { new: 1, updated: 2, deleted: 1, unchanged: 4 },
  changes: [
    { kind: 'workflow', name: 'receipts', change: 'new', after: digest },
    {
      ...{ kind: 'workflow', name: 'invoices', change: 'updated', before: digest, after: digest },
      fields: [{ field: '/description', after: 'reads totals' }],
      plan: {
        added: [node('3: check')],
        removed: [node('')],
        changed: [{ ...node('2: extract'), fields: [{ field: '/definition/endpoint', before: '/a', after: '/b' }] }],
        rewired: [{ ...node('4: store'), added: ['3: check'], removed: ['2: extract'] }],
      },
    },
    {
      ...{ kind: 'processor', name: 'ocr', change: 'updated', before: digest, after: digest },
      fields: [{ field: '/config_snapshot/dpi', before: 300 }],
      plan: { added: [], removed: [], changed: [], rewired: [] },
    },
    { kind: 'agent', name: 'clerk', change: 'deleted', before: digest },
  ],
  omitted: 2,
};

describe('a comparison on the terminal', () => {
  it('goes from artifacts to nodes to fields', () => {
    expect(changeLines(changes).map(({ text }) => text)).toEqual([
      '+ workflow receipts: new',
      '~ workflow invoices: updated',
      '    + /description: "reads totals"',
      '    + node "3: check"',
      '    - node 0197a4e2-5a00-7000-8000-000000000001',
      '    ~ node "2: extract"',
      '        ~ /definition/endpoint: "/a" → "/b"',
      '    ↷ node "4: store": now waits for "3: check", no longer for "2: extract"',
      '~ processor ocr: updated',
      '    - /config_snapshot/dpi: 300',
      '    the same plan, with other task ids or in another order',
      '- agent clerk: deleted',
      '… and 2 more entries not shown',
      '= 4 unchanged',
    ]);
  });
});
