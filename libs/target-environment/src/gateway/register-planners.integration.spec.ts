import { type Script } from '../fixtures/scripted-gateway.fixture.spec.js';
import { useScriptedTarget } from '../fixtures/scripted-target.fixture.spec.js';
import { sampleBundle } from '../fixtures/releases.fixture.spec.js';

const { gateway, target } = useScriptedTarget();

describe('registering planners', () => {
  const registration = { bundle: sampleBundle('v1.0.0'), version: 'v1.0.0' };
  const [plan] = registration.bundle.workflows.map((workflow) => workflow.plan);

  it('takes one call for each workflow, under immutable names', async () => {
    const registering = target(() => [201, { success: true }]).registerPlanners(registration);
    expect(await registering).toEqual({ outcome: 'registered', added: 3, already_there: 0 });
    expect(gateway.calls.map(({ body }) => body)).toContainEqual({ name: 'invoice-extraction--v1.0.0', plan });
    expect(gateway.calls.map(({ method, query }) => `${method} ${query.get('name')}`).sort()).toEqual([
      'POST contract-extraction--v1.0.0',
      'POST invoice-extraction--v1.0.0',
      'POST receipt-extraction--v1.0.0',
    ]);
  });

  const taken =
    (plans: unknown): Script =>
    ({ method, path }) =>
      method === 'POST'
        ? [400, { success: false, error: 'exists' }]
        : [200, { name: path.split('/').at(-1), plan_definition: plans }];

  it('accepts names that have the same plan', async () => {
    const reordered = JSON.parse(JSON.stringify(plan), (_key, value: unknown) => value);
    expect(await target(taken(reordered)).registerPlanners(registration)).toEqual({
      outcome: 'registered',
      added: 0,
      already_there: 3,
    });
  });

  it('reports names that have another plan', async () => {
    expect(await target(taken({ nodes: [] })).registerPlanners(registration)).toEqual({
      outcome: 'conflict',
      planners: ['contract-extraction--v1.0.0', 'invoice-extraction--v1.0.0', 'receipt-extraction--v1.0.0'],
    });
  });

  it.each<[number, Script]>([
    [422, () => [422, { detail: [] }]],
    [400, ({ method }) => (method === 'POST' ? [400, { success: false, error: 'no plan' }] : undefined)],
    [404, () => undefined],
  ])('reports a release that refuses them with %d', async (status, script) => {
    expect(await target(script).registerPlanners(registration)).toMatchObject({
      outcome: 'registration_refused',
      status,
    });
  });

  it('is unknown when the gateway fails', async () => {
    await expect(target(() => [500, {}]).registerPlanners(registration)).rejects.toMatchObject({
      code: 'http_status',
      status: 500,
    });
  });
});
