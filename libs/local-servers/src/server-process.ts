import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { LocalServerError } from './local-server-error.js';
import { forget, watch } from './watchdog.js';

/** Called with each line that a server prints. */
export type Log = (line: string) => void;

export interface ServerCommand {
  /** For messages: "PostgreSQL". */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** User and group to run as, when not our own. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
  /** The line by which the server says that it is ready. */
  readonly readyLine: RegExp;
  /** Asks the server to end in good order. */
  readonly stopSignal: NodeJS.Signals;
  readonly log?: Log | undefined;
}

export interface ServerProcess {
  readonly pid: number;
  /** Ends the server in good order, by force after ten seconds. May be called again; resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends the server at once, as a crash would (SIGKILL); resolves when it is gone. */
  kill(): Promise<void>;
}

/** The server ended before it was ready; `output` is what it printed last. */
export class EndedEarly extends LocalServerError {
  constructor(
    name: string,
    reason: string,
    readonly output: string,
  ) {
    super('start_failed', `${name} did not start: ${reason}. It said:\n${output}`);
  }
}

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const LINES_KEPT = 30;

/** Starts a server and waits until it is ready. The server never outlives this process (see watchdog). */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const child = spawn(command.file, command.args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: command.env ?? process.env,
    ...command.runAs,
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const { pid } = child;
  if (pid === undefined) throw new EndedEarly(command.name, await ended, '');
  watch(pid, command.stopSignal);
  void ended.then(() => forget(pid));
  const server = { pid, stop: () => end(child, ended, command.stopSignal), kill: () => end(child, ended, 'SIGKILL') };
  await ready(command, child, ended).catch(async (error: unknown) => {
    await server.kill();
    throw error;
  });
  release(child);
  return server;
}

async function ready(command: ServerCommand, child: ChildProcess, ended: Promise<string>): Promise<void> {
  const lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const seen = new Promise<'ready'>((resolve) => {
    eachLine([child.stdout, child.stderr], (line) => {
      if (lines.push(line) > LINES_KEPT) lines.shift();
      if (command.readyLine.test(line)) resolve('ready');
      command.log?.(line);
    });
  });
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`not ready after ${READY_WITHIN_MS / 1000} s`), READY_WITHIN_MS);
  });
  const outcome = await Promise.race([seen, ended, late]);
  clearTimeout(timer);
  if (outcome !== 'ready') throw new EndedEarly(command.name, outcome, lines.join('\n'));
}

function eachLine(streams: readonly (Readable | null)[], take: Log): void {
  for (const stream of streams) if (stream !== null) createInterface({ input: stream }).on('line', take);
}

/** A running server must not keep its starter's event loop alive: a program that has nothing else to do may end. */
function release(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream instanceof Socket) stream.unref();
  }
}

async function end(child: ChildProcess, ended: Promise<string>, signal: NodeJS.Signals): Promise<void> {
  child.ref();
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(force);
}
