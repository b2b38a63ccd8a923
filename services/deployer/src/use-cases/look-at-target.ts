import { diffBundles, diffDigests, summariseChanges, type Bundle, type BundleDiff } from '@m3/artifacts';
import { BundleMissingError, type BundleStore } from '@m3/bundles';
import type { EventData, LastActive, PlanBasis } from '@m3/contracts';
import type { Target } from '@m3/policies';
import { CannotOpenError } from '@m3/secrets';
import { describeTargetFault, type TargetToReach } from '@m3/target-access';
import type { ReleaseState, TargetEnvironment } from '@m3/target-environment';
import type { Found, PlannedChanges } from '../domain/plan.facts.js';

/** How long a target may take to say what is active: somebody waits for the plan. */
const timeoutMs = 2_500;

type Active = NonNullable<PlanBasis['active']>;
type Manifest = NonNullable<ReleaseState['active']>['manifest'];
type Tagged = EventData<'VersionTagged'>;

/** As much of a target as a plan looks at. */
export interface Targets {
  open(target: TargetToReach): Promise<Pick<TargetEnvironment, 'releaseState' | 'manifest'>>;
}

export interface LookParts {
  readonly targets: Targets;
  readonly bundles: Pick<BundleStore, 'get'>;
  /** A version's tag; null: there is none. */
  readonly tagOf: (version: LastActive) => Promise<Tagged | null>;
}

export interface Look {
  readonly target: Target;
  /** The version that would be published; null: it is not known. */
  readonly tagged: Tagged | null;
  /** The name of the version, known or not. */
  readonly version: string;
  /** What the log says, should the target not answer. */
  readonly lastActive: LastActive | null;
}

/** Finds out what is on a target, and what a version would change there. */
export class LookAtTarget {
  constructor(private readonly parts: LookParts) {}

  async look(look: Look): Promise<Found> {
    const asked = await this.ask(look);
    if (asked.outcome === 'unanswered') {
      const { code, reason } = asked;
      return { ...(await this.fromLog(look, reason)), unreachable: { code, reason }, sameVersion: null };
    }
    return { ...(await this.fromTarget(look, asked.state)), unreachable: null, sameVersion: asked.sameVersion };
  }

  private async ask({ target, version }: Look): Promise<Asked> {
    try {
      const environment = await this.parts.targets.open(target);
      const call = { timeoutMs };
      const [state, same] = await Promise.all([environment.releaseState(call), environment.manifest(version, call)]);
      return { outcome: 'answered', state, sameVersion: same?.bundle_digest ?? null };
    } catch (error) {
      if (error instanceof CannotOpenError) return { outcome: 'unanswered', code: error.code, reason: error.message };
      const fault = describeTargetFault(error);
      if (!fault) throw error;
      return { outcome: 'unanswered', code: fault.code, reason: fault.reason };
    }
  }

  private async fromTarget({ tagged }: Look, state: ReleaseState): Promise<Pick<Found, 'basis' | 'changes'>> {
    const manifest = state.active?.manifest ?? null;
    const active = manifest && activeOf(manifest);
    const diff = tagged && (await this.changes(tagged, active, manifest));
    const note = diff?.complete === false ? withoutDetails : null;
    return { basis: { source: 'target', note, active }, changes: diff && diff.changes };
  }

  private async fromLog({ tagged, lastActive }: Look, reason: string): Promise<Pick<Found, 'basis' | 'changes'>> {
    const known = lastActive && (await this.parts.tagOf(lastActive));
    if (lastActive && !known) {
      const note = `the target cannot be asked (${reason}), and the log does not know what was active`;
      return { basis: { source: 'unknown', note, active: null }, changes: null };
    }
    const active = known && activeOf(known);
    const note = `the target cannot be asked (${reason}): this is what the log knows`;
    const diff = tagged && (await this.changes(tagged, active, null));
    return { basis: { source: 'log', note, active }, changes: diff && diff.changes };
  }

  /** `complete`: false where just the digests of what is active are known. Null: not even these. */
  private async changes(
    { bundle_digest }: Tagged,
    active: Active | null,
    manifest: Manifest | null,
  ): Promise<{ readonly changes: PlannedChanges; readonly complete: boolean } | null> {
    const bundle = withoutTests(await this.parts.bundles.get(bundle_digest));
    const before = active && (await this.bundle(active.bundle_digest));
    if (active === null || before !== null) return { changes: planned(diffBundles(before, bundle)), complete: true };
    return manifest && { changes: planned(diffDigests(manifest.artifacts, bundle)), complete: false };
  }

  private async bundle(digest: string): Promise<Bundle | null> {
    try {
      return withoutTests(await this.parts.bundles.get(digest));
    } catch (error) {
      if (error instanceof BundleMissingError) return null;
      throw error;
    }
  }
}

const withoutDetails = 'the bundle of the active version is not kept here: what is updated is shown without details';

type Asked =
  | { readonly outcome: 'answered'; readonly state: ReleaseState; readonly sameVersion: string | null }
  | { readonly outcome: 'unanswered'; readonly code: string; readonly reason: string };

function activeOf({ project, version, bundle_digest }: Active): Active {
  return { project, version, bundle_digest };
}

/** Tests are not deployed. */
function withoutTests(bundle: Bundle): Bundle {
  return { ...bundle, tests: [] };
}

function planned(diff: BundleDiff): PlannedChanges {
  return { all: diff.changes, shown: summariseChanges(diff) };
}
