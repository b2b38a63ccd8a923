import { rm } from 'node:fs/promises';
import type { ServerProcess } from '@m3/local-servers';

/** What a server is started with: the port it had before, so that its address stays. */
export type StartServer<Server> = (port: number | undefined) => Promise<Server>;

/** An embedded server, which can be killed and started again at the same address. */
export class LocalServer<Server extends ServerProcess & { readonly port: number }> {
  private constructor(
    private readonly start: StartServer<Server>,
    private readonly dataDir: string,
    private server: Server,
  ) {}

  static async start<Server extends ServerProcess & { readonly port: number }>(
    dataDir: string,
    start: StartServer<Server>,
    port?: number,
  ): Promise<LocalServer<Server>> {
    return new LocalServer(start, dataDir, await start(port));
  }

  get current(): Server {
    return this.server;
  }

  get pid(): number {
    return this.server.pid;
  }

  /** As a crash (SIGKILL). */
  kill(): Promise<void> {
    return this.server.kill();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Starts it again at the same address; with `wipe` all its data are gone. */
  async restart({ wipe = false } = {}): Promise<void> {
    await this.server.stop();
    if (wipe) await rm(this.dataDir, { recursive: true, force: true });
    this.server = await this.start(this.server.port);
  }
}
