import type { FreezeDeclaration } from '@m3/contracts';
import { CliError } from '../cli-error.js';
import { isoTimeExample, utcTime } from '../iso-time.js';

export interface FreezeOptions {
  readonly reason: string;
  readonly environment?: string | undefined;
  readonly target?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly cron?: string | undefined;
  readonly minutes?: number | undefined;
  readonly timezone?: string | undefined;
  readonly overrideRole?: readonly string[] | undefined;
}

/** What the options of `freeze declare` ask for. @throws CliError when they contradict each other */
export function freezeDeclaration(options: FreezeOptions, now: Date): FreezeDeclaration {
  const { reason, overrideRole } = options;
  return {
    scope: scopeOf(options),
    period: options.cron === undefined ? spanOf(options, now) : timesOf({ ...options, cron: options.cron }),
    reason,
    ...(overrideRole === undefined ? {} : { override_roles: [...overrideRole] }),
  };
}

function scopeOf({ environment, target }: FreezeOptions): FreezeDeclaration['scope'] {
  if (environment !== undefined && target !== undefined)
    throw fault('environment', 'a freeze is for one environment or for one target', 'leave one of them out');
  if (environment !== undefined) return { kind: 'environment', environment };
  return target === undefined ? { kind: 'global' } : { kind: 'target', target };
}

function spanOf({ from, to, minutes, timezone }: FreezeOptions, now: Date): FreezeDeclaration['period'] {
  if (minutes !== undefined || timezone !== undefined)
    throw fault('cron', '--minutes and --timezone belong to --cron', 'give --cron too, or --from and --to instead');
  return { from: timeOf('from', from ?? now.toISOString()), to: to === undefined ? null : timeOf('to', to) };
}

function timesOf({ cron, minutes, timezone, from, to }: FreezeOptions & { readonly cron: string }) {
  if (from !== undefined || to !== undefined)
    throw fault(
      'cron',
      'a freeze has a beginning and an end, or it comes again',
      'leave out --cron, or --from and --to',
    );
  if (minutes === undefined || timezone === undefined)
    throw fault('cron', '--cron needs a length and a time zone', 'give --minutes 120 --timezone Europe/Berlin');
  return { cron, duration_minutes: minutes, timezone };
}

function timeOf(field: 'from' | 'to', text: string): string {
  const time = utcTime(text);
  if (time === null) throw fault(field, `"${text}" is no time`, `write it as ${isoTimeExample}`);
  return time;
}

function fault(field: string, message: string, remedy: string): CliError {
  return new CliError('invalid_freeze', message, { field, remedy });
}
