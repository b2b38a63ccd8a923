import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { scanSecrets } from './scan-secrets.js';
import { validatePlan } from './validate-plan.js';

/**
 * Query plans as the marie-ai project builds them. The product ships none of them: they are read where they lie beside the
 * checkout, or in the folder that MARIE_PLANS names, and where there is none there is nothing to read.
 */
const beside = fileURLToPath(new URL('../../../../shared/data/marie-plans', import.meta.url));
const folder = process.env['MARIE_PLANS'] ?? beside;
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
const read = (file: string): unknown => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
/** Marie knows its method, and its scheduler cannot run it. */
const unschedulable = 'hitl-approval.json';

(files.length === 0 ? describe.skip : describe)("plans of Marie's own", () => {
  it.each(files.filter((file) => file !== unschedulable))('%s can be scheduled, and holds no secret', async (file) => {
    const plan = read(file);
    expect(validatePlan(plan)).toEqual([]);
    const workflows = [{ name: 'extraction', plan }];
    expect(await scanSecrets({ workflows, agents: [], processors: [], tests: [] })).toEqual([]);
  });

  it('the one that waits for a person is refused with that reason', () => {
    expect(validatePlan(read(unschedulable))).toMatchObject([
      { code: 'plan.not_schedulable', message: expect.stringContaining('HITL_APPROVAL') as unknown },
    ]);
  });
});
