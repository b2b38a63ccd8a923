import type { Evidence, LoggedEvent, Violation } from './evidence.js';
import { grouped, isEnding, publishOf, text } from './log-of.js';

/** Targets of these runs take one publish at a time. */
const SLOTS = 1;

/** Who holds a slot, who stands in line, and who was overtaken and has not ended; and what was wrong so far. */
class Line {
  readonly said: { readonly publish_id: string; readonly text: string }[] = [];
  private readonly holders = new Set<string>();
  private readonly waiting = new Set<string>();
  private readonly overtaken = new Set<string>();
  private fence = 0;

  constructor(private readonly endOf: ReadonlyMap<string, number>) {}

  take(event: LoggedEvent): void {
    const publish = text(event, 'publish_id') ?? '';
    if (event.type === 'SlotGranted') this.grant(publish, event);
    if (event.type === 'SlotQueued' || event.type === 'PublishLinedUp') this.waiting.add(publish);
    if (event.type === 'PublishOvertaken') {
      this.waiting.delete(publish);
      this.overtaken.add(publish);
    }
    if (event.type === 'SlotTakenOver') this.takeOver(publish);
    if (event.type === 'SlotReleased') this.release(publish);
  }

  /** What is left when everything is at rest. */
  leaked(): void {
    for (const publish of this.holders) this.say(publish, 'it still holds a slot');
    for (const publish of this.waiting) this.say(publish, 'it still stands in line');
    for (const publish of this.overtaken) this.say(publish, 'it was overtaken, and its place was never given back');
  }

  private grant(publish: string, { data, seq }: LoggedEvent): void {
    const fence = Number(data['fence']);
    const ended = this.endOf.get(publish);
    if (fence <= this.fence) this.say(publish, `fence ${fence} does not outrank ${this.fence}`);
    if (this.holders.size >= SLOTS) this.say(publish, `it got a slot that ${[...this.holders].join()} held`);
    if (this.overtaken.has(publish)) this.say(publish, 'it got a slot though it was overtaken');
    if (ended !== undefined && seq !== null && ended < seq) this.say(publish, 'it got a slot after its end');
    this.fence = Math.max(this.fence, fence);
    this.waiting.delete(publish);
    this.holders.add(publish);
  }

  private takeOver(publish: string): void {
    if (!this.holders.delete(publish)) this.say(publish, 'a slot was taken from it that it did not have');
  }

  private release(publish: string): void {
    const had = [this.holders, this.waiting, this.overtaken].map((each) => each.delete(publish));
    if (!had.includes(true)) this.say(publish, 'it gave back a slot that it did not have');
  }

  private say(publish_id: string, said: string): void {
    this.said.push({ publish_id, text: said });
  }
}

/** One publish at a time changes a target, each with a higher fence, and all slots and places come back. */
export function slotsComeBack({ events }: Evidence): readonly Violation[] {
  const endOf = new Map(events.filter(isEnding).map((event) => [publishOf(event) ?? '', event.seq ?? 0]));
  const slotEvents = events.filter(({ stream }) => stream.startsWith('slot-'));
  return [...grouped(slotEvents, ({ stream }) => stream).values()].flatMap((stream) => {
    const line = new Line(endOf);
    for (const event of stream) line.take(event);
    line.leaked();
    return line.said.map((each) => ({ rule: 'slots come back', ...each }));
  });
}

/** At rest nobody holds a lock or a transaction that belongs to something under way. */
export function nothingIsHeld({ leftovers }: Evidence): readonly Violation[] {
  return leftovers.map((each) => ({ rule: 'no lock is leaked', text: each }));
}
