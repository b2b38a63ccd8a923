import type { ArtifactRef, HeldArtifact, TargetContents } from './evidence.js';

/**
 * What is wrong with a target at one moment: each release that it holds has all its artifacts, once, with its own
 * contents; what is active is there; and all traffic goes to one version, the active one, unless it may be shared with
 * one other.
 */
export function wrongWith(
  contents: TargetContents,
  artifactsOf: (version: string) => readonly ArtifactRef[],
  mayBeShared: boolean,
): readonly string[] {
  const { active, releases, artifacts } = contents;
  const wrong = releases.flatMap((version) => wrongWithRelease(version, artifacts, artifactsOf(version)));
  const strangers = artifacts.filter(({ version }) => !releases.includes(version));
  if (strangers.length > 0) wrong.push(`${strangers.length} artifacts of no release: ${list(strangers)}`);
  if (active !== null && !releases.includes(active)) wrong.push(`${active} is active and not there`);
  return [...wrong, ...wrongWithTraffic(contents, mayBeShared ? 2 : 1)];
}

/** Who has traffic at all has the active version among those that get it. */
function wrongWithTraffic(contents: TargetContents, most: number): readonly string[] {
  const { active } = contents;
  const served = servedBy(contents);
  if (served.length === 0 || (served.length <= most && active !== null && served.includes(active))) return [];
  return [`${active ?? 'nothing'} is active, served is ${served.join()}`];
}

/** Versions that get new executions. */
export function servedBy({ routes }: TargetContents): readonly string[] {
  return routes.filter(({ weight }) => weight > 0).map(({ version }) => version);
}

function wrongWithRelease(
  version: string,
  artifacts: readonly HeldArtifact[],
  expected: readonly ArtifactRef[],
): string[] {
  const held = artifacts.filter((artifact) => artifact.version === version);
  const names = held.map(nameOf);
  const wanted = expected.map(nameOf);
  const missing = wanted.filter((name) => !names.includes(name));
  const extra = names.filter((name, index) => !wanted.includes(name) || names.indexOf(name) !== index);
  const foreign = held.filter(({ own }) => !own);
  return [
    ...(missing.length > 0 ? [`${version} lacks ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`${version} has ${extra.join(', ')}, which is not its own or twice there`] : []),
    ...(foreign.length > 0 ? [`${version} has contents of another version: ${list(foreign)}`] : []),
  ];
}

const nameOf = ({ kind, name }: ArtifactRef): string => `${kind} ${name}`;
const list = (artifacts: readonly HeldArtifact[]): string => artifacts.map(nameOf).join(', ');
