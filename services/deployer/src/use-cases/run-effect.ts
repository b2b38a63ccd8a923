import type { Bundle } from '@m3/artifacts';
import type { BundleStore } from '@m3/bundles';
import type { PublishSubject, RecordedEventOf } from '@m3/contracts';
import { Recent, tryPatiently, type Patience } from '@m3/target-access';
import type { RegistrationResult, TargetEnvironment } from '@m3/target-environment';
import { after } from '../domain/deadlines.js';
import { activate } from '../runners/activate.js';
import { askTarget } from '../runners/ask-target.js';
import { deploy } from '../runners/deploy.js';
import { describeReactivationFault, reactivate } from '../runners/reactivate.js';
import { stopRouting } from '../runners/stop-routing.js';
import { verify } from '../runners/verify.js';
import { known, perform, type PerformParts, type Repeat } from './perform.js';

export interface EffectDependencies extends PerformParts {
  readonly bundles: BundleStore;
}

/** A registration serves all publishes of the version that ask for it within this time. */
const registeredMs = 5_000;

/** A version that serves is not left for long to a target that does not answer. */
const verifyAgainMs = 10_000;
/** What was put back is what there is: before somebody is woken up, it is given more time. */
const verifyRestoredMs = 45_000;
/** An answer takes a moment, and is of no use after the deadline. */
const lastLookSeconds = 4;
/** How long a gateway may take to stop new executions. */
const stopPatienceMs = 5_000;

const afterRestore = ['verifying_restored', 'verifying_rollback'] as const;

/** Does what the publish process asked for on a target, and tells the process what came of it. */
export class RunEffect {
  private readonly registrations = new Recent<RegistrationResult>(registeredMs);

  constructor(private readonly parts: EffectDependencies) {}

  deployment(event: RecordedEventOf<'DeploymentRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request } = event;
    const { bundles, clock } = this.parts;
    return perform(this.parts, { event, delivery, statuses: ['deploying'] }, async (target, patience) => {
      const bundle = await bundles.get(request.subject.bundle_digest);
      const register = () => this.register(target, bundle, request.subject);
      const work = () => deploy({ target, bundle, register, request, now: clock });
      return { type: 'Deployed', result: await known(patience, 'whether the artifacts were written', work) };
    });
  }

  activation(event: RecordedEventOf<'ActivationRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request } = event;
    return perform(this.parts, { event, delivery, statuses: ['activating'] }, async (target, patience) => {
      const work = () => activate({ target, request, now: this.parts.clock });
      return { type: 'Activated', result: await known(patience, 'whether the version became active', work) };
    });
  }

  verification(event: RecordedEventOf<'VerificationRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request } = event;
    const { verifies } = request;
    const statuses = verifies === 'publish' ? (['verifying'] as const) : afterRestore;
    return perform(this.parts, { event, delivery, statuses }, async (target, patience) => {
      const look = async (final: boolean) => {
        const bundle = await this.bundleToVerify(target, event);
        return verify({ target, bundle, request, now: this.parts.clock, final });
      };
      const lastsMs = verifies === 'publish' ? verifyAgainMs : verifyRestoredMs;
      const tried = await tryPatiently({ ...patience, lastsMs }, () => look(false));
      return { type: 'Verified', verifies, result: tried.outcome === 'answered' ? tried.result : await look(true) };
    });
  }

  /** Not for long: the restore that comes next is what counts. */
  routingStop(event: RecordedEventOf<'RoutingStopRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request } = event;
    return perform(this.parts, { event, delivery, statuses: ['stopping_routing'] }, async (target, patience) => {
      const work = () => stopRouting({ target, request, now: this.parts.clock });
      const tried = await tryPatiently({ ...patience, lastsMs: stopPatienceMs }, work);
      if (tried.outcome === 'answered') return { type: 'RoutingStopTried', result: tried.result };
      const { reason } = tried;
      return { type: 'RoutingStopTried', result: { outcome: 'not_stopped', reason, duration_ms: 0, log: [] } };
    });
  }

  reactivation(event: RecordedEventOf<'ReactivationRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request } = event;
    const { bundles, clock } = this.parts;
    return perform(this.parts, { event, delivery, statuses: ['reactivating'] }, async (target, patience) => {
      const register = async () =>
        this.register(target, await bundles.get(request.subject.bundle_digest), request.subject);
      const work = () => reactivate({ target, register, request, now: clock });
      const tried = await tryPatiently(patience, work, describeReactivationFault);
      if (tried.outcome === 'answered') return { type: 'Reactivated', result: tried.result };
      const { code, reason } = tried;
      return {
        type: 'Reactivated',
        result: { outcome: 'failed', code, reason, unknown: 'whether the gateway follows' },
      };
    });
  }

  /** Asks the target about a step whose outcome nobody knows. */
  inquiry(event: RecordedEventOf<'TargetStateRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request } = event;
    return perform(this.parts, { event, delivery, statuses: ['asking'] }, async (target, patience) => {
      const deadlineAt = after(request.deadline_at, -lastLookSeconds);
      const look = (final: boolean) => askTarget({ target, request, final });
      const tried = await tryPatiently({ ...patience, deadlineAt }, () => look(false));
      const asked = tried.outcome === 'answered' ? tried : await tryPatiently(lastTime(patience), () => look(true));
      const silent = { step: request.step, found: null };
      const answer =
        asked.outcome === 'answered'
          ? asked.result
          : { ...silent, reason: `the target did not say what is true: ${asked.reason}`.slice(0, 2000) };
      return { type: 'TargetAnswered', answer };
    });
  }

  /** The targets of one tag often share a gateway, and the workflows of a version are registered there once. */
  private async register(
    target: TargetEnvironment,
    bundle: Bundle,
    { address, version, bundle_digest }: PublishSubject,
  ): Promise<RegistrationResult> {
    const question = `${address.gateway_url} ${version} ${bundle_digest}`;
    const result = await this.registrations.get(question, () => target.registerPlanners({ bundle, version }));
    if (result.outcome !== 'registered') this.registrations.forget(question);
    return result;
  }

  /** After a rollback it is the restored version that is verified, with its own bundle. */
  private async bundleToVerify(
    target: TargetEnvironment,
    { data }: RecordedEventOf<'VerificationRequested'>,
  ): Promise<Bundle> {
    const { subject, verifies, expected_version } = data;
    if (verifies === 'publish' || expected_version === null) return this.parts.bundles.get(subject.bundle_digest);
    const manifest = await target.manifest(expected_version);
    return this.parts.bundles.get(manifest?.bundle_digest ?? subject.bundle_digest);
  }
}

/** Without another time after this one. */
const lastTime = (patience: Patience): Patience => ({ ...patience, lastsMs: 0 });
