import type { EventData } from '@m3/contracts';
import { TargetUnreachableError, type TargetEnvironment } from '@m3/target-environment';
import type { TargetAnswer } from '../domain/publish.inputs.js';
import { tellGateway } from './tell-gateway.js';

type Truth = NonNullable<TargetAnswer['found']>;

/** What a gateway that is told something may take: the answer has to come before nobody waits for it any more. */
const call = { timeoutMs: 3_000 };

export interface Inquiry {
  readonly target: TargetEnvironment;
  readonly request: EventData<'TargetStateRequested'>;
  /** A gateway that is silent stays so; else it is told again later. */
  readonly final: boolean;
}

/** Asks a target what is true: what is active under which fence, whether the version is on it, whether its gateway answers. */
export async function askTarget({ target, request, final }: Inquiry): Promise<TargetAnswer> {
  const { step, fence, subject } = request;
  const { version, bundle_digest } = subject;
  const gateway = gatewayOf(target);
  const state = await target.releaseState();
  if (step === 'rolling_back' && state.fence === fence) await finishRestore({ target, request, final });
  const manifest = await target.manifest(version);
  const found: Truth = {
    active_version: state.active?.version ?? null,
    active_fence: state.active?.fence ?? null,
    fence: state.fence,
    release: releaseIn(manifest?.bundle_digest, bundle_digest),
    gateway: await gateway,
  };
  return { step, found, reason: textOf(found, version) };
}

/** What a restore that was cut off after the pointer was put back has left to do; again it changes nothing. */
async function finishRestore({ target, request: { subject, fence }, final }: Inquiry): Promise<void> {
  await target.discardRelease({ version: subject.version, fence });
  await tellGateway(target, { final, ...call });
}

async function gatewayOf(target: TargetEnvironment): Promise<Truth['gateway']> {
  try {
    await target.gatewayStatus(call);
    return 'answers';
  } catch (error) {
    if (error instanceof TargetUnreachableError) return 'silent';
    throw error;
  }
}

function releaseIn(digest: string | undefined, wanted: string): Truth['release'] {
  if (digest === undefined) return 'absent';
  return digest === wanted ? 'present' : 'other_contents';
}

function textOf({ active_version, release, gateway }: Truth, version: string): string {
  const on = { present: 'is on it', absent: 'is not on it', other_contents: 'is on it with other contents' }[release];
  const silent = gateway === 'silent' ? '; its gateway does not answer' : '';
  return `asked what is true, the target said: ${active_version ?? 'nothing'} is active, ${version} ${on}${silent}`;
}
