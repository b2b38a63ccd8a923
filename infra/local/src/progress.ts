import { Listr } from 'listr2';
import type { StackListener, StackPart } from './stack.js';

/** Shows how far a stack is while it starts. */
export interface Progress {
  readonly listener: Pick<StackListener, 'begun' | 'done' | 'failed' | 'says'>;
  /** What has not begun by now will not; resolves when everything is shown. */
  end(): Promise<void>;
}

interface Shown {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** A list that is drawn over itself on a terminal, a line for each part elsewhere. */
export function startProgress(parts: readonly StackPart[], out: Shown): Progress {
  return out.isTTY === true ? onTerminal(parts) : plain(out);
}

const names: Partial<Readonly<Record<StackPart, string>>> = {
  postgres: 'PostgreSQL',
  nats: 'NATS with JetStream',
  s3: 'S3',
  database: 'tables and roles of the services',
};

/** What a person calls a part. */
export function partName(part: StackPart): string {
  const environment = /^sandbox (.*)$/.exec(part)?.[1];
  return names[part] ?? (environment === undefined ? `service ${part}` : `target environment ${environment}`);
}

function plain(out: Shown): Progress {
  const times = new Times();
  return {
    listener: {
      begun: (part) => times.begin(part),
      says: (part, line) => void out.write(`  ${partName(part)}: ${line}\n`),
      done: (part, note) => void out.write(`✓ ${partName(part)} ${note} (${times.of(part)})\n`),
      failed: (part) => void out.write(`✗ ${partName(part)} (${times.of(part)})\n`),
    },
    end: () => Promise.resolve(),
  };
}

/** How long parts have been starting. */
class Times {
  private readonly begun = new Map<StackPart, number>();

  begin(part: StackPart): void {
    this.begun.set(part, performance.now());
  }

  of(part: StackPart): string {
    const now = performance.now();
    return `${((now - (this.begun.get(part) ?? now)) / 1000).toFixed(1)} s`;
  }
}

type End = { readonly kind: 'done'; readonly note: string } | { readonly kind: 'failed' | 'left' };

function onTerminal(parts: readonly StackPart[]): Progress {
  const ends = new Map(parts.map((part) => [part, deferred<End>()]));
  const lines = new Map<StackPart, (line: string) => void>();
  const times = new Times();
  const list = new Listr(
    parts.map((part) => ({
      title: partName(part),
      task: async (_context, task) => {
        lines.set(part, (line) => (task.output = line));
        const end = await ends.get(part)?.promise;
        if (end?.kind === 'done') task.title = `${partName(part)} ${end.note} (${times.of(part)})`;
        else if (end?.kind === 'failed') throw new Error(`${partName(part)} did not start`);
        else task.skip(`${partName(part)}: not started`);
      },
    })),
    { concurrent: true, exitOnError: false, rendererOptions: { showErrorMessage: false } },
  );
  const shown = list.run();
  return {
    listener: {
      begun: (part) => times.begin(part),
      says: (part, line) => lines.get(part)?.(line),
      done: (part, note) => ends.get(part)?.resolve({ kind: 'done', note }),
      failed: (part) => ends.get(part)?.resolve({ kind: 'failed' }),
    },
    end: async () => {
      for (const end of ends.values()) end.resolve({ kind: 'left' });
      await shown;
    },
  };
}

function deferred<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let settle: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((resolve) => (settle = resolve));
  return { promise, resolve: settle };
}
