import { Listr, PRESET_TIMER } from 'listr2';
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
  const begun = new Map<StackPart, number>();
  const seconds = (part: StackPart) => ((performance.now() - (begun.get(part) ?? performance.now())) / 1000).toFixed(1);
  return {
    listener: {
      begun: (part) => void begun.set(part, performance.now()),
      says: (part, line) => void out.write(`  ${partName(part)}: ${line}\n`),
      done: (part, note) => void out.write(`✓ ${partName(part)} ${note} (${seconds(part)} s)\n`),
      failed: (part) => void out.write(`✗ ${partName(part)} (${seconds(part)} s)\n`),
    },
    end: () => Promise.resolve(),
  };
}

type End = { readonly kind: 'done'; readonly note: string } | { readonly kind: 'failed' | 'left' };

function onTerminal(parts: readonly StackPart[]): Progress {
  const ends = new Map(parts.map((part) => [part, deferred<End>()]));
  const lines = new Map<StackPart, (line: string) => void>();
  const list = new Listr(
    parts.map((part) => ({
      title: partName(part),
      task: async (_context, task) => {
        lines.set(part, (line) => (task.output = line));
        const end = await ends.get(part)?.promise;
        if (end?.kind === 'done') task.title = `${partName(part)} ${end.note}`;
        else if (end?.kind === 'failed') throw new Error(`${partName(part)} did not start`);
        else task.skip(`${partName(part)}: not started`);
      },
    })),
    { concurrent: true, exitOnError: false, rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false } },
  );
  const shown = list.run();
  return {
    listener: {
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
