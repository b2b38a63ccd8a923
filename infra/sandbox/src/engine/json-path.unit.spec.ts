import fc from 'fast-check';
import { findByPath, parseJsonPath } from './json-path.js';
import { taskId } from './plan-samples.spec.js';

const root = {
  metadata: { kind: 'invoice', 'odd name': 1 },
  lines: [{ total: 1 }, { total: 2 }],
  nodes: { [taskId(1)]: { output: { text: 'hello' } } },
};

test.each([
  ['$', root],
  ['$.metadata.kind', 'invoice'],
  ["$['metadata']['odd name']", 1],
  ['$.metadata["kind"]', 'invoice'],
  [`$.nodes.${taskId(1)}.output.text`, 'hello'],
  ['$.lines[0].total', 1],
  ['$.lines[-1].total', 2],
  ['$.lines[*].total', [1, 2]],
  ['$.metadata.*', ['invoice', 1]],
  ['$.lines[7]', undefined],
  ['$.lines.length', undefined],
  ['$.metadata.constructor', undefined],
  ['$.metadata.kind.deeper', undefined],
])('%s finds %j', (path, expected) => {
  expect(findByPath(parseJsonPath(path), root)).toEqual(expected);
});

test.each(['', 'metadata', '$..kind', '$.lines[?(@.total>1)]', '$.a[', '$a', `$${'.a'.repeat(600)}`])(
  'what it does not know finds nothing: %s',
  (path) => {
    expect(findByPath(parseJsonPath(path), root)).toBeUndefined();
  },
);

test('never throws, whatever the path', () => {
  fc.assert(
    fc.property(fc.string(), fc.json(), (path, json) => void findByPath(parseJsonPath(`$${path}`), JSON.parse(json))),
  );
});
