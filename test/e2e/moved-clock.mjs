import { readFileSync } from 'node:fs';

/*
 * Loaded before a service (`--import`), so that its clock is ahead by as many milliseconds as the file MOVED_CLOCK says
 * at the moment: tests move the clock instead of waiting. Timers run as they always do.
 */

const RealDate = Date;

function ahead() {
  try {
    return Number(readFileSync(process.env['MOVED_CLOCK'], 'utf8'));
  } catch {
    return 0;
  }
}

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + ahead()] : given));
  }

  static now() {
    return RealDate.now() + ahead();
  }
};
