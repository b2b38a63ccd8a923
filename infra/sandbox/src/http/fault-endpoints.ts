import { parseFaults, type Faults } from '../faults.js';
import { GatewayError } from '../gateway-error.js';
import type { Endpoint, Handler } from './router.js';

/** The fault switches over HTTP, for callers on this machine only. */
export function faultEndpoints(faults: Faults): readonly Endpoint[] {
  const path = '/sandbox/faults';
  const current = () => ({ status: 200, body: faults.current() });
  return [
    { method: 'GET', path, handle: fromHere(current) },
    {
      method: 'POST',
      path,
      handle: fromHere(async ({ json }) => {
        faults.set(parseFaults(await json()));
        return current();
      }),
    },
    {
      method: 'DELETE',
      path,
      handle: fromHere(() => {
        faults.clear();
        return current();
      }),
    },
  ];
}

function fromHere(handle: Handler): Handler {
  return (call) => {
    if (isLoopback(call.message.socket.remoteAddress ?? '')) return handle(call);
    throw new GatewayError(403, 'not_local', 'Fault switches can be set from the same machine only.');
  };
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
