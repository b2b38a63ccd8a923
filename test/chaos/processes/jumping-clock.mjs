/** Preloaded into a service: its clock is the machine's and as many milliseconds as the file CHAOS_CLOCK says. */
import { readFileSync } from 'node:fs';

const file = process.env.CHAOS_CLOCK;
const Real = Date;
let offset = 0;

function look() {
  try {
    const said = Number(readFileSync(file, 'utf8'));
    if (Number.isFinite(said)) offset = said;
  } catch {
    // Not there yet, or being written.
  }
}

class JumpingDate extends Real {
  constructor(...args) {
    if (args.length === 0) super(Real.now() + offset);
    else super(...args);
  }

  static now() {
    return Real.now() + offset;
  }
}

if (file !== undefined) {
  look();
  setInterval(look, 20).unref();
  // Called as a function it gives a text, as the real one does.
  globalThis.Date = new Proxy(JumpingDate, { apply: () => new JumpingDate().toString() });
}
