import { setTimeout as pause } from 'node:timers/promises';
import type { ArtifactRef, Sighting } from '../checker/evidence.js';
import { servedBy, wrongWith } from '../checker/whole-target.js';
import type { TargetReader } from './target-reader.js';

const LOOK_EVERY_MS = 12;
const NEWEST = 3;
/** So often it looks at all that is there, not just at what is new. */
const WHOLE_LOOK_EVERY = 40;

interface Watched {
  readonly reader: TargetReader;
  readonly schema: string;
  /** Two versions may serve side by side for a while. */
  readonly shared: boolean;
}

/** Looks at targets again and again, as gateways do at any moment, and keeps what changed and what was wrong. */
export class TargetWatch {
  readonly sightings: Sighting[] = [];
  looks = 0;
  private going = true;
  private readonly done: Promise<unknown>;

  constructor(
    watched: readonly Watched[],
    private readonly artifactsOf: (version: string) => readonly ArtifactRef[],
  ) {
    this.done = Promise.all(watched.map((each) => this.watch(each)));
  }

  async stop(): Promise<void> {
    this.going = false;
    await this.done;
  }

  private async watch({ reader, schema: target, shared }: Watched): Promise<void> {
    let before = '';
    for (let look = 1; this.going; look += 1) {
      const newest = look % WHOLE_LOOK_EVERY === 0 ? undefined : NEWEST;
      // While the database is away nobody sees anything.
      const contents = await reader.look(target, newest).catch(() => null);
      if (contents !== null) {
        this.looks += 1;
        const { active } = contents;
        const wrong = wrongWith(contents, this.artifactsOf, shared);
        const seen = { target, active, served: servedBy(contents), wrong };
        const now = JSON.stringify(seen);
        if (now !== before) this.sightings.push({ ...seen, at: new Date().toISOString() });
        before = now;
      }
      await pause(LOOK_EVERY_MS);
    }
  }
}
