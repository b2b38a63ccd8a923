import { scanSecrets, type Bundle } from '@m3/artifacts';
import { GateSettings, GateThresholds, type AllowedSecret, type Finding } from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { failed, inconclusive, passed } from '../domain/check.js';
import { defineGate } from './gate.js';
import { generationOf, vulnerabilityReport, type KnownVulnerabilities } from './vulnerability-report.js';

const defaultMaxAgeDays = 7;

/**
 * No artifact holds a secret that the target does not allow, and no package that a processor needs has a critical
 * vulnerability. Findings name the place and the kind of a secret, never the secret.
 */
export const security = (known: KnownVulnerabilities) =>
  defineGate({
    name: 'security',
    pace: 'at_once',
    checks: 'secrets in all artifacts, and known vulnerabilities of the packages that processors need',
    input: Type.Composite([
      Type.Pick(GateThresholds, ['fail_on_warnings']),
      Type.Pick(GateSettings, ['allowed_secrets', 'vulnerabilities_max_age_days']),
    ]),
    limits: ({ fail_on_warnings, allowed_secrets = [], vulnerabilities_max_age_days = defaultMaxAgeDays }) => [
      allowed_secrets.length === 0 ? 'no secret' : `no secret but ${allowed_secrets.length} that the target allows`,
      fail_on_warnings ? 'no known vulnerability' : 'no critical vulnerability',
      `a list of vulnerabilities that is ${vulnerabilities_max_age_days} days old at most`,
    ],
    basis: () => generationOf(known),
    async run(
      { fail_on_warnings, allowed_secrets = [], vulnerabilities_max_age_days = defaultMaxAgeDays },
      { bundle, now },
    ) {
      const secrets = await secretReport(bundle, allowed_secrets);
      const packages = await vulnerabilityReport(known, {
        bundle,
        maxAgeDays: vulnerabilities_max_age_days,
        now: now(),
      });
      const findings = [...secrets.findings, ...packages.findings];
      const message = `${secrets.message}; ${packages.message}`;
      const bad = findings.some(({ severity }) => severity === 'error' || fail_on_warnings);
      if (bad) return failed(message, { findings });
      if (packages.unknown !== null) {
        const { message: why, code, remedy } = packages.unknown;
        return inconclusive(`${secrets.message}; ${why}`, code, { findings, remedy });
      }
      return passed(message, { findings });
    },
  });

interface SecretReport {
  readonly message: string;
  readonly findings: readonly Finding[];
}

async function secretReport(bundle: Bundle, allowed: readonly AllowedSecret[]): Promise<SecretReport> {
  const all = await scanSecrets(bundle);
  const digests = new Map(allowed.map(({ digest, reason }) => [digest, reason]));
  const findings = all.filter(({ digest }) => digest === undefined || !digests.has(digest));
  const found =
    findings.length === 0
      ? 'no secret was found in any artifact'
      : `${findings.length} secrets were found in the artifacts`;
  const waived = [
    ...new Set(all.flatMap(({ digest }) => (digest !== undefined && digests.has(digest) ? [digest] : []))),
  ];
  const reasons = waived.map((digest) => `${digest}: ${digests.get(digest) ?? ''}`).join(', ');
  return { findings, message: waived.length === 0 ? found : `${found} (allowed by the target: ${reasons})` };
}
