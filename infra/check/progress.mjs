import { seconds } from './summary.mjs';

/**
 * Shows how far the run is. On a terminal the last line tells what runs at the moment; elsewhere each thing that ends is
 * one plain line. What a failed stage printed is shown when it ends.
 */
export function startProgress(out) {
  return out.isTTY ? onTerminal(out) : plain(out);
}

function plain(out) {
  return {
    begin: (name) => out.write(`… ${name}\n`),
    line: (name, line) => out.write(`  ${name}: ${line}\n`),
    finish: (result) => out.write(verdict(result)),
    end: () => undefined,
  };
}

function onTerminal(out) {
  const began = performance.now();
  const running = new Map();
  const clear = () => out.write('\r\u001b[2K');
  const draw = () => {
    const now = [...running].map(([name, line]) => (line === '' ? name : `${name} (${line})`)).join(', ');
    const text = `${seconds((performance.now() - began) / 1000)}  ${now}`;
    clear();
    out.write(text.slice(0, Math.max(20, out.columns - 1)));
  };
  const timer = setInterval(draw, 200);
  timer.unref();
  return {
    begin: (name) => running.set(name, ''),
    line: (name, line) => running.set(name, line.trim()),
    finish: (result) => {
      running.delete(result.name);
      clear();
      out.write(verdict(result));
    },
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}

function verdict({ name, ok, seconds: took, output = '', note }) {
  const line = `${ok ? '✓' : '✗'} ${name} ${seconds(took)}${note === undefined ? '' : ` (${note})`}\n`;
  return ok ? line : `${line}\n${output.trim()}\n\n`;
}
