import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clock of a service, which a test sets. */
export class MovedClock {
  private readonly file: string;

  /** @param folder for the file that says how far ahead the clock is */
  constructor(folder: string) {
    this.file = join(folder, `moved-clock-${process.pid}`);
  }

  /** What a service that goes by this clock is started with. */
  get settings() {
    const program = fileURLToPath(new URL('./moved-clock.mjs', import.meta.url));
    return { NODE_OPTIONS: `--import=${program}`, MOVED_CLOCK: this.file };
  }

  /** Moves the clock to a time; it runs on from there. */
  async set(time: string): Promise<void> {
    await writeFile(`${this.file}.new`, String(Date.parse(time) - Date.now()));
    await rename(`${this.file}.new`, this.file);
  }
}
