/** How a message reached its handler; `here`: from this process, which appended it. */
export type Source = 'bus' | 'here' | 'catch-up';

/** What the messaging of a service counts. Labels are patterns: few, and known at start. */
export interface MessagingMetrics {
  handled(pattern: string, source: Source, milliseconds: number): void;
  /** An attempt that failed and will be repeated. */
  failed(pattern: string, source: Source): void;
  deadLettered(pattern: string, code: string): void;
  /** Events that the bus confirmed, and events that it did not take: those arrive through catch-up. */
  relayed(confirmed: number, dropped: number): void;
  /** How many sealed events catch-up has not yet passed; how many it passed are still being handled. */
  lag(events: number, open: number): void;
}

/** Counts nothing. */
export const noMetrics: MessagingMetrics = {
  handled: () => undefined,
  failed: () => undefined,
  deadLettered: () => undefined,
  relayed: () => undefined,
  lag: () => undefined,
};
