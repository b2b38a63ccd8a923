import { scanSecrets } from '@m3/artifacts';
import { failed, passed } from '../domain/check.js';
import type { QualityGate } from './quality-gate.js';

/** No artifact holds a secret. Findings name the place and the kind of a secret, never the secret. */
export const security: QualityGate = {
  name: 'security',
  async run({ bundle }) {
    const findings = await scanSecrets(bundle);
    if (findings.length === 0) return passed('no secret was found in any artifact');
    return failed(`${findings.length} secrets were found in the artifacts`, { findings });
  },
};
