import { createConnection, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { LocalServerError } from './local-server-error.js';

const LOOPBACK = '127.0.0.1';

/** A TCP port of 127.0.0.1 that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return bindOnce(0);
}

/** @throws LocalServerError `port_in_use` when something listens on the port already. */
export async function assertPortFree(port: number, server: string): Promise<void> {
  await bindOnce(port).catch(() => {
    throw portInUse(port, server);
  });
}

export function portInUse(port: number, server: string): LocalServerError {
  return new LocalServerError(
    'port_in_use',
    `Port ${port} is in use, so ${server} cannot start there. Stop what listens on it, or choose another port.`,
  );
}

/** Waits until something accepts connections on the port of 127.0.0.1. @throws Error after `timeoutMs`. */
export async function waitForPort(port: number, { timeoutMs = 10_000 } = {}): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await accepts(port))) {
    if (Date.now() > deadline) throw new Error(`Nothing listens on port ${port} after ${timeoutMs} ms.`);
    await pause(10);
  }
}

/**
 * Runs `start` on the wanted port, or on free ports until one is still free when the server binds it: between asking
 * for a free port and using it another process may be faster.
 */
export async function onPort<T>(wanted: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  if (wanted !== undefined) return start(wanted);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      const again = error instanceof LocalServerError && error.code === 'port_in_use' && attempt < 5;
      if (!again) throw error;
    }
  }
}

function bindOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no TCP address'));
        else resolve(address.port);
      });
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: LOOPBACK });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
