/** One message of a `text/event-stream` (WHATWG HTML, section 9.2). */
export interface SseMessage {
  readonly event: string;
  readonly data: string;
  /** The last id that the server named, with this message or before; '' before the first. */
  readonly lastEventId: string;
}

/** How many characters one message may have before the stream counts as broken. */
const longestMessage = 8 * 1024 * 1024;

/** Takes a stream apart as it arrives, wherever the network cuts it. */
export class SseParser {
  private rest = '';
  private afterCarriageReturn = false;
  private event = '';
  private data: string[] = [];
  private dataLength = 0;
  private idSoFar = '';
  private completeId = '';

  /** The last id that came, with a message or alone; not that of a message which was cut off. */
  get lastEventId(): string {
    return this.completeId;
  }

  /** The messages that this piece of decoded text completes; throws a RangeError when one never ends. */
  push(text: string): SseMessage[] {
    const messages: SseMessage[] = [];
    for (const line of this.lines(text)) {
      if (line !== '') this.field(line);
      else messages.push(...this.dispatch());
    }
    if (this.rest.length + this.dataLength > longestMessage)
      throw new RangeError('a message of the event stream is too long');
    return messages;
  }

  private lines(text: string): string[] {
    // A line feed at the start belongs to the carriage return that ended the piece before.
    const fresh = this.afterCarriageReturn && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') this.afterCarriageReturn = text.endsWith('\r');
    const lines = (this.rest + fresh).split(/\r\n|\r|\n/);
    this.rest = lines.pop() ?? '';
    return lines;
  }

  private field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.event = value;
    else if (name === 'data') this.addData(value);
    else if (name === 'id' && !value.includes('\0')) this.idSoFar = value;
  }

  private addData(value: string): void {
    this.data.push(value);
    this.dataLength += value.length;
  }

  private dispatch(): SseMessage[] {
    this.completeId = this.idSoFar;
    const message = { event: this.event || 'message', data: this.data.join('\n'), lastEventId: this.completeId };
    const hasData = this.data.length > 0;
    this.event = '';
    this.data = [];
    this.dataLength = 0;
    return hasData ? [message] : [];
  }
}
