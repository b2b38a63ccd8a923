import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '../plan/places.js';

const preload = new URL('../../processes/jumping-clock.mjs', import.meta.url).href;

/** The clocks of the services, each of which can be set apart from the machine's. */
export class Clocks {
  constructor(private readonly dir: string) {
    mkdirSync(dir, { recursive: true });
    for (const service of services) this.set(service, 0);
  }

  /** What a service is started with so that its clock can jump. */
  environmentOf(service: string): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import=${preload}`, CHAOS_CLOCK: this.fileOf(service) };
  }

  /** Takes effect within a few dozen milliseconds, and stays when the service is started again. */
  set(service: string, offsetMs: number): void {
    const draft = `${this.fileOf(service)}.draft`;
    writeFileSync(draft, String(offsetMs));
    renameSync(draft, this.fileOf(service));
  }

  private fileOf(service: string): string {
    return join(this.dir, service);
  }
}
