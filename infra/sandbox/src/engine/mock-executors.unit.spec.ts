import type { NodeDefinition } from '@m3/artifacts';
import type { JsonObject } from './json.js';
import { createMockExecutor } from './mock-executors.js';
import { toGraph } from './plan-graph.js';
import { node, plan, work } from './plan-samples.spec.js';
import { runPlan } from './run-plan.js';

const signal = new AbortController().signal;

async function output(definition: NodeDefinition, input: JsonObject): Promise<unknown> {
  const observer = { started: () => undefined, ended: () => undefined };
  const graph = toGraph(plan(node(0, [], definition)));
  const result = await runPlan({ graph, input, metadata: {}, execute: createMockExecutor(signal), observer });
  return result.state === 'completed' ? result.output : result.error;
}

const endpoint = (address: string, params: Record<string, unknown> = {}) =>
  ({ method: 'EXECUTOR_ENDPOINT', endpoint: address, params }) as const;
const invoice = { text: 'Invoice 7\nTotal: 12.50\nPaid: no' };

test('the same call always gives the same answer, another input another', async () => {
  const llm = { method: 'LLM', model_name: 'small', params: { prompt: 'Summarise' } } as const;

  expect(await output(llm, invoice)).toEqual(await output(llm, invoice));
  expect(await output(llm, invoice)).not.toEqual(await output(llm, { text: 'other' }));
  expect(await output(llm, invoice)).toMatchObject({ model: 'small', prompt: 'Summarise', text: expect.any(String) });
});

test('extraction finds the fields that were given and those written as lines', async () => {
  expect(await output(endpoint('/extract'), { ...invoice, fields: { currency: 'EUR' } })).toMatchObject({
    fields: { Total: '12.50', Paid: 'no', currency: 'EUR' },
    confidence: expect.any(Number),
  });
});

test('classification goes by the words of the document, and by the labels of the node', async () => {
  expect(await output(endpoint('classifier://document'), invoice)).toMatchObject({ document_type: 'invoice' });
  expect(await output(endpoint('/classify', { labels: ['paid'] }), invoice)).toMatchObject({
    document_type: 'paid',
    metadata: { document_type: 'paid' },
  });
  expect(await output(endpoint('/classify'), { text: '?' })).toMatchObject({ document_type: 'other' });
});

test.each([
  ['/annotate', 'annotations'],
  ['segmenter://page', 'segments'],
  ['/ocr', 'pages'],
  ['/embed', 'embedding'],
  ['/validate', 'valid'],
  ['anything://else', 'text'],
])('%s puts out %s', async (address, name) => {
  expect(await output(endpoint(address), invoice)).toHaveProperty(name);
});

test('a function is named in its output', async () => {
  const named = { method: 'PYTHON_FUNCTION', params: { function: 'totals.add' } } as const;
  expect(await output(named, invoice)).toMatchObject({ function: 'totals.add' });
});

test('what it puts out can be stored, even cut in the middle of a pair', async () => {
  const { text } = { text: `x${'😀'.repeat(300)}` };
  expect(JSON.stringify(await output(endpoint('/process'), { text }))).not.toContain('\\ud');
});

test('latency takes time, and ends early when the gateway closes', async () => {
  const closing = new AbortController();
  const graph = toGraph(plan({ ...work(0, []), definition: endpoint('/process', { mock_latency_ms: 60_000 }) }));
  const observer = { started: () => closing.abort(), ended: () => undefined };
  const execute = createMockExecutor(closing.signal);

  expect(await runPlan({ graph, input: {}, metadata: {}, execute, observer })).toMatchObject({ state: 'failed' });
});
