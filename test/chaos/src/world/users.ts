import { setTimeout as pause } from 'node:timers/promises';
import { places } from '../plan/places.js';
import { artifactsOf } from './releases.js';
import type { World } from './world.js';

const EVERY_MS = 60;
const PATIENCE_MS = 5_000;

/** People who use the targets whose traffic is shared between versions, straight at their gateways. */
export class Users {
  private readonly leaving = new AbortController();
  private readonly gone: Promise<unknown>;

  constructor(world: World) {
    const used = places.filter(({ shared }) => shared);
    this.gone = Promise.all(used.map(({ sandbox, name }) => this.use(world, sandbox, name)));
  }

  async leave(): Promise<void> {
    this.leaving.abort();
    await this.gone;
  }

  /** Every version has the first workflow. What fails, or is away, is tried again as people do. */
  private async use(world: World, sandbox: string, schema: string): Promise<void> {
    const { gateway } = world.sandbox(sandbox);
    const url = `${gateway.url}/x-publish/v1/schemas/${schema}/executions`;
    const [workflow] = artifactsOf('v0.0.0').filter(({ kind }) => kind === 'workflow');
    const request = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${world.stack.secrets.targetGatewayToken}`,
      },
      body: JSON.stringify({ workflow: workflow?.name, input: {}, wait_ms: PATIENCE_MS }),
    };
    while (!this.leaving.signal.aborted) {
      const signal = AbortSignal.any([this.leaving.signal, AbortSignal.timeout(2 * PATIENCE_MS)]);
      await fetch(url, { ...request, signal })
        .then((answer) => answer.arrayBuffer())
        .catch(() => undefined);
      await pause(EVERY_MS);
    }
  }
}
