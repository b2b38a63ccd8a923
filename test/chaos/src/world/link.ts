import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * `open`: all passes. `cut`: connections are reset, new ones too. `slow`: each piece is late. `half_open`: requests pass,
 * answers do not, and nobody is told; such a connection stays dead, as when its other end is gone.
 */
export type LinkState =
  { readonly state: 'open' | 'cut' | 'half_open' } | { readonly state: 'slow'; readonly delayMs: number };

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** No answer gets through any more. */
  dead: boolean;
}

/** A way from a client to a server on this machine, which can be made to fail. */
export class Link {
  private current: LinkState = { state: 'open' };
  private readonly pairs = new Set<Pair>();
  /** When what was delayed last goes on. */
  private lastDue = 0;

  private constructor(
    private readonly server: Server,
    private readonly to: { readonly host: string; readonly port: number },
  ) {}

  /** Opens a way to where the URL points. */
  static async to(url: string): Promise<Link> {
    const { hostname: host, port } = new URL(url);
    const server = createServer({ allowHalfOpen: true });
    const link = new Link(server, { host, port: Number(port) });
    server.on('connection', (near) => link.accept(near));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    server.unref();
    return link;
  }

  /** The same URL over this way. */
  over(url: string): string {
    const led = new URL(url);
    led.hostname = '127.0.0.1';
    led.port = String((this.server.address() as AddressInfo).port);
    // A URL without a path is given without one, too: some addresses are compared as texts.
    return url.endsWith('/') ? led.href : led.href.replace(/\/$/, '');
  }

  set(state: LinkState): void {
    this.current = state;
    if (state.state === 'cut') for (const pair of this.pairs) end(pair);
    if (state.state === 'half_open') for (const pair of this.pairs) pair.dead = true;
  }

  async close(): Promise<void> {
    for (const pair of this.pairs) end(pair);
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(near: Socket): void {
    const { state } = this.current;
    near.on('error', () => undefined);
    if (state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ ...this.to, allowHalfOpen: true, noDelay: true });
    near.setNoDelay(true);
    const pair: Pair = { near, far, dead: state === 'half_open' };
    this.pairs.add(pair);
    far.on('error', () => undefined);
    for (const socket of [near, far]) socket.once('close', () => this.closed(pair));
    this.pass(near, far, () => true);
    this.pass(far, near, () => !pair.dead);
  }

  private pass(from: Socket, to: Socket, open: () => boolean): void {
    const passes = () => open() && to.writable;
    from.on('data', (data) => {
      this.later(() => passes() && to.write(data));
    });
    from.on('end', () => {
      this.later(() => passes() && to.end());
    });
  }

  /** Timers of equal length fire in the order in which they were set; a way that becomes quicker must not overtake. */
  private later(pass: () => void): void {
    const delayMs = this.current.state === 'slow' ? this.current.delayMs : 0;
    const due = Math.max(performance.now() + delayMs, this.lastDue);
    if (due <= performance.now()) {
      pass();
      return;
    }
    this.lastDue = due;
    setTimeout(pass, due - performance.now()).unref();
  }

  /** A connection that is dead is not closed either: its other end is gone, and says nothing. */
  private closed(pair: Pair): void {
    if (pair.dead && !pair.near.destroyed) return;
    end(pair);
    this.pairs.delete(pair);
  }
}

function end({ near, far }: Pair): void {
  for (const socket of [near, far]) if (!socket.destroyed) socket.resetAndDestroy();
}
