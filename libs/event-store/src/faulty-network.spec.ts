import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to the database that can be made to fail. */
export interface FaultyNetwork {
  /** The database's URL over this way. */
  readonly url: string;
  /** Nothing passes any more, and nobody is told. */
  freeze(): void;
  /** The next answer of the server is thrown away, and its connection with it. */
  loseNextAnswer(): void;
  /** Ends all connections and refuses new ones. */
  close(): Promise<void>;
}

export async function openFaultyNetwork(databaseUrl: string): Promise<FaultyNetwork> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let frozen = false;
  let losing = false;

  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const both = [near, far];
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => both.forEach((each) => each.destroy()));
    }
    near.on('data', (data) => {
      if (!frozen) far.write(data);
    });
    far.on('data', (data) => {
      if (losing) near.destroy();
      else if (!frozen) near.write(data);
      losing = false;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    freeze: () => {
      frozen = true;
    },
    loseNextAnswer: () => {
      losing = true;
    },
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
