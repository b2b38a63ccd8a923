import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { isFromDatabase } from '../error-code.js';
import type { Faults } from '../faults.js';
import { GatewayError } from '../gateway-error.js';
import type { Reply, Router } from './router.js';

const FAULTS_PATH = '/sandbox/faults';

/** Serves the router, with the troubles that the fault switches ask for. `signal` ends delays early. */
export function createGatewayServer(router: Router, faults: Faults, signal: AbortSignal): Server {
  const isDown = () => faults.current().down === true;
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = '' } = message;
    if (url.startsWith(FAULTS_PATH)) {
      send(response, await answer(router, message));
    } else if (isDown()) {
      message.socket.resetAndDestroy();
    } else {
      await delay(faults.current().latency_ms ?? 0, signal);
      const reply = await answer(router, message);
      // Switched off meanwhile: whoever still waits for an answer gets none.
      if (isDown()) message.socket.resetAndDestroy();
      else send(response, reply);
    }
  };
  const server = createServer((message, response) => void serve(message, response));
  // Longer than clients keep idle connections, so that none is closed just as a request goes out on it.
  server.keepAliveTimeout = 75_000;
  return server;
}

function answer(router: Router, message: IncomingMessage): Promise<Reply> {
  return router.dispatch(message).catch((error: unknown) => refusal(message.url ?? '', error));
}

async function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await pause(milliseconds, undefined, { signal }).catch(() => undefined);
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function refusal(url: string, error: unknown): Reply {
  const { status, code, message } = error instanceof GatewayError ? error : asGatewayError(error);
  const ours = url.startsWith('/x-publish/') || url.startsWith('/sandbox/');
  return { status, body: ours ? { error: { code, message } } : { status: 'error', message } };
}

/** What others throw may name hosts or hold data; it is told by kind only. */
function asGatewayError(error: unknown): GatewayError {
  return isFromDatabase(error)
    ? new GatewayError(503, 'database_unavailable', 'The gateway could not use its database; try again.')
    : new GatewayError(500, 'internal_error', 'The gateway failed to handle this request.');
}
