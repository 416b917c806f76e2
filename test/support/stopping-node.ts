import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { CommandPoint } from './command-points.ts';
import { compileCache } from './compile-cache.ts';
import type { Instruction, Progress } from './stopping-process.ts';
import { until } from './until.ts';

/** A node in a process of its own whose commands can be stopped on their way, and which can be killed. */
export class StoppingNode {
  readonly #child: ChildProcess;
  readonly #progress = new Map<number, Progress[]>();

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, progress }: { id: number; progress: Progress }) => {
      this.#progress.set(id, [...this.#progressOf(id), progress]);
    });
  }

  /** Opens the connection of the command that is to be started under this id. */
  async open(id: number, url: string): Promise<void> {
    this.#instruct({ kind: 'open', id, url });
    await until(() => this.#progressOf(id).includes('open'));
  }

  /** Starts a command whose connection is open. */
  start(id: number, given: Omit<Instruction & { kind: 'start' }, 'id' | 'kind'>): void {
    this.#instruct({ kind: 'start', id, ...given });
  }

  goOn(id: number): void {
    this.#instruct({ kind: 'go on', id });
  }

  /** What a command told first. */
  firstOf(id: number): Promise<Progress> {
    return until(() => this.#progressOf(id).find((progress) => progress !== 'open'));
  }

  async stopped(id: number, point: CommandPoint): Promise<void> {
    await until(() => this.#progressOf(id).includes(point));
  }

  async outcome(id: number): Promise<string> {
    const end = await until(() => this.#progressOf(id).find((progress) => typeof progress === 'object'));
    return end.outcome;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
  }

  #progressOf(id: number): readonly Progress[] {
    if (this.#child.exitCode !== null) {
      throw new Error(`the node ended by itself with ${this.#child.exitCode}`);
    }
    return this.#progress.get(id) ?? [];
  }

  #instruct(instruction: Instruction): void {
    this.#child.send(instruction);
  }
}

/** Starts a node that ends when it is killed, or at the latest with this process. */
export async function startStoppingNode(): Promise<StoppingNode> {
  const script = new URL('./stopping-process.ts', import.meta.url);
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  const child = fork(script, { execArgv: [], env });
  const ready = once(child, 'message');
  const node = new StoppingNode(child);
  await ready;
  return node;
}
