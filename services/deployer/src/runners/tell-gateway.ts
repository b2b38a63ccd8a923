import { TargetUnreachableError, type TargetEnvironment } from '@m3/target-environment';

interface Telling {
  /** A gateway that is silent stays so; else it is told again later. */
  readonly final: boolean;
  readonly timeoutMs?: number;
}

/**
 * Has the gateway read pointer, routes and plans anew after a restore, for whoever restored may not have been able to.
 * @throws TargetUnreachableError when it does not answer, and this is not final
 */
export async function tellGateway(target: TargetEnvironment, { final, ...call }: Telling): Promise<void> {
  try {
    await target.invalidateCaches(call);
  } catch (error) {
    if (!final || !(error instanceof TargetUnreachableError)) throw error;
  }
}
