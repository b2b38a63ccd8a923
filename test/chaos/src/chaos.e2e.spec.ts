import { temporaryFolder } from '@m3/local-servers';
import { isEnding } from './checker/log-of.js';
import { faultKinds } from './plan/faults.js';
import { report } from './report.js';
import { runChaos } from './run.js';

/** The short form of `npm run chaos`: each kind of fault, always in the same order. */
it('breaking everything while it publishes leaves nothing half done, done twice, lost or stuck', async () => {
  const home = await temporaryFolder('m3-chaos');
  const result = await runChaos({ seed: 20, faults: 20, actions: 16, home, keep: false, say: () => undefined });
  const { violations, faults, evidence, looks } = result;
  // Everything that is known of a run that went wrong stands in the message.
  expect(violations.length === 0 ? '' : report(result)).toBe('');
  expect([...faults.keys()].sort()).toEqual([...faultKinds].sort());
  expect(evidence.events.filter(isEnding).length).toBeGreaterThan(4);
  expect(looks).toBeGreaterThan(100);
}, 900_000);
