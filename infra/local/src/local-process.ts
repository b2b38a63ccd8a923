import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { assertPortFree, forgetProcess, freePort, LocalServerError, watchProcess } from '@m3/local-servers';
import { beginLogFile, lastLines } from './log-file.js';

export interface LocalProcessSettings {
  readonly name: string;
  /** Absolute path of the JavaScript file to run. */
  readonly script: string;
  readonly nodeFlags?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Default: any free port. Given to the program as PORT. */
  readonly port?: number | undefined;
  readonly logFile: string;
  /** Whether the program at this address can do its work. May throw while nothing answers. */
  readonly isReady: (url: string) => Promise<boolean>;
  /** The process ended though nobody asked it to; `how`: `exit code 1`, `SIGKILL` … */
  readonly onUnexpectedEnd?: ((how: string, process: LocalProcess) => void) | undefined;
}

/** A process did not get ready; the message says why, and what it printed last. */
export class ProcessStartError extends Error {
  override readonly name = 'ProcessStartError';

  constructor(
    readonly code: 'ended_early' | 'not_ready' | 'port_in_use',
    message: string,
  ) {
    super(message);
  }
}

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 25;
const LINES_SHOWN = 15;
/** What a program needs of our environment: no settings of ours reach it by chance. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];
/** After these a process goes on. */
const NOT_ENDING: readonly NodeJS.Signals[] = ['SIGSTOP', 'SIGCONT', 'SIGUSR1'];

interface Run {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<string>;
}

/** A Node program in a process of its own, which can be killed and started again, and never outlives us. */
export class LocalProcess {
  private run: Run | undefined;
  private wanted = false;

  private constructor(
    private readonly settings: LocalProcessSettings,
    readonly port: number,
  ) {}

  /** Starts the program and waits until it is ready. @throws ProcessStartError, LocalServerError (`port_in_use`) */
  static async start(settings: LocalProcessSettings): Promise<LocalProcess> {
    for (let attempt = 1; ; attempt += 1) {
      await beginLogFile(settings.logFile);
      const process = new LocalProcess(settings, settings.port ?? (await freePort()));
      try {
        await process.begin();
        return process;
      } catch (error) {
        const given = settings.port !== undefined;
        if (given || attempt === 5 || !isPortTaken(error)) throw error;
      }
    }
  }

  get name(): string {
    return this.settings.name;
  }

  get logFile(): string {
    return this.settings.logFile;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.run?.pid;
  }

  /** `http://127.0.0.1:<port>` */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Sends a signal, by default SIGKILL as in a crash. Resolves when the process is gone, if the signal ends it. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { run } = this;
    if (!run) return;
    if (!NOT_ENDING.includes(signal)) this.wanted = false;
    run.child.kill(signal);
    if (!NOT_ENDING.includes(signal)) await run.ended;
  }

  /** Stops it if it runs, and starts it again on the same port. @throws ProcessStartError */
  async restart(): Promise<void> {
    await this.stop();
    await this.begin();
  }

  /** Ends it in good order, by force after ten seconds. May be called again. */
  async stop(): Promise<void> {
    const { run } = this;
    this.wanted = false;
    if (!run) return;
    run.child.kill('SIGTERM');
    run.child.kill('SIGCONT');
    const force = setTimeout(() => run.child.kill('SIGKILL'), STOP_WITHIN_MS);
    await run.ended;
    clearTimeout(force);
  }

  /** The last lines that it printed. */
  lastLines(count: number): Promise<readonly string[]> {
    return lastLines(this.settings.logFile, count);
  }

  private async begin(): Promise<void> {
    // Somebody else who answers on this port must not be taken for our process.
    await assertPortFree(this.port, this.name);
    const run = this.spawn();
    this.run = run;
    void run.ended.then((how) => this.hasEnded(run, how));
    const outcome = await Promise.race([run.ended, this.ready(run)]);
    // From now on an end is told to the listener; until now it is told to the caller.
    this.wanted = outcome === 'ready' && this.run === run;
    if (this.wanted) return;
    run.child.kill('SIGKILL');
    await run.ended;
    throw await this.fault(outcome);
  }

  private spawn(): Run {
    const { name, script, nodeFlags = [], logFile } = this.settings;
    const log = openSync(logFile, 'a');
    try {
      const child = spawn(process.execPath, [...nodeFlags, script], {
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...passedOn(), ...this.settings.env, PORT: String(this.port) },
      });
      const { pid } = child;
      if (pid === undefined) throw new ProcessStartError('ended_early', `${name} cannot be started`);
      watchProcess(pid, 'SIGTERM');
      child.unref();
      const ended = new Promise<string>((resolve) => {
        child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      });
      return { child, pid, ended };
    } finally {
      closeSync(log);
    }
  }

  private hasEnded(run: Run, how: string): void {
    forgetProcess(run.pid);
    if (this.run === run) this.run = undefined;
    if (!this.wanted) return;
    this.wanted = false;
    this.settings.onUnexpectedEnd?.(how, this);
  }

  private async ready(run: Run): Promise<'ready' | 'late' | 'gone'> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (performance.now() < deadline) {
      if (this.run !== run) return 'gone';
      if (await this.settings.isReady(this.url).catch(() => false)) return 'ready';
      await pause(LOOK_EVERY_MS);
    }
    return 'late';
  }

  private async fault(outcome: string): Promise<ProcessStartError> {
    const { name, logFile } = this.settings;
    const lines = (await this.lastLines(LINES_SHOWN)).join('\n');
    if (lines.includes('EADDRINUSE')) {
      return new ProcessStartError(
        'port_in_use',
        `Port ${this.port} is in use, so ${name} cannot start there. Stop what listens on it, or choose another port.`,
      );
    }
    const said = lines === '' ? 'It printed nothing.' : `It printed last:\n${lines}`;
    if (outcome === 'late') {
      return new ProcessStartError(
        'not_ready',
        `${name} runs but was not ready after ${READY_WITHIN_MS / 1000} s (${logFile}). ${said}`,
      );
    }
    return new ProcessStartError('ended_early', `${name} ended at start: ${outcome} (${logFile}). ${said}`);
  }
}

function isPortTaken(error: unknown): boolean {
  const known = error instanceof ProcessStartError || error instanceof LocalServerError;
  return known && error.code === 'port_in_use';
}

function passedOn(): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
