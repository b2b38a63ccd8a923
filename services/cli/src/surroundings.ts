import type { Sink } from './output/output.js';
import type { Patience } from './api/api-client.js';
import type { StreamPatience } from './api/event-stream.js';

/** All that the CLI touches outside itself, so that tests can give it another world. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean };
  /** Asks a question on the terminal; the answer without its line end. */
  readonly ask: (question: string) => Promise<string>;
  readonly patience?: Patience;
  readonly streamPatience?: StreamPatience;
}
