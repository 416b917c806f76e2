import cluster, { type Worker as ClusterChild } from 'node:cluster';
import { SnapshotOutbox } from '../cache/snapshot-outbox.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import type { MetricFamily } from '../telemetry/metrics/metric-family.ts';
import type { SiblingAnswers } from '../telemetry/metrics/sibling-metrics.ts';
import { WholeLines } from '../telemetry/whole-lines.ts';
import { watchHandOver } from './hand-over.ts';
import type { FromServer, StartOrder, ToServer } from './messages.ts';
import { Questions } from './questions.ts';

/** How long a process may take to tell its metrics: one that is stuck for longer is missed in them. */
const metricsWaitMs = 1_000;

/** What the primary process hears of a server process. */
export type ServerListener = {
  readonly listening: (url: string) => void;
  readonly ready: () => void;
  readonly snapshots: (snapshots: readonly ProductSnapshot[]) => void;
  readonly second: (text: string) => void;
  /** It wants the metrics of all others. */
  readonly collectMetrics: () => Promise<SiblingAnswers>;
  /** Whole lines of its log. */
  readonly logged: (bytes: Buffer, lines: number) => void;
};

export type ServerEnd = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not serve, if it said so. */
  readonly failure: { readonly line: string; readonly exitCode: number } | null;
};

/** A server process as the primary process sees it, from its start to its end. */
export class ServerProcess {
  readonly pid: number;
  /** Resolves when the process is gone and all that it said was heard. */
  readonly ended: Promise<ServerEnd>;
  readonly #child: ClusterChild;
  readonly #outbox: SnapshotOutbox;
  readonly #metrics = new Questions<readonly MetricFamily[]>(metricsWaitMs);
  #toldToStop = false;

  /** @param order asked for as late as it can be told, once the process is there */
  constructor(order: () => StartOrder, listener: ServerListener) {
    const child = cluster.fork();
    this.#child = child;
    this.pid = child.process.pid ?? 0;
    this.#outbox = new SnapshotOutbox((snapshots) => this.#tell({ kind: 'snapshots', snapshots }));
    this.ended = this.#hear(listener);
    child.once('online', () => this.#tell({ kind: 'start', ...order() }));
  }

  /** Passes on what another one has committed. */
  share(snapshots: readonly ProductSnapshot[]): void {
    for (const snapshot of snapshots) {
      this.#outbox.put(snapshot);
    }
  }

  /** Passes on what another one has counted. */
  tellSecond(text: string): void {
    this.#tell({ kind: 'second', text });
  }

  /** What it has counted; null when it does not answer in time. */
  metrics(): Promise<readonly MetricFamily[] | null> {
    return this.#metrics.ask((id) => this.#tell({ kind: 'metrics_wanted', id }));
  }

  siblingDied(): void {
    this.#outbox.clear();
    this.#tell({ kind: 'sibling_died' });
  }

  /** Lets it answer what it has accepted, and end. */
  stop(): void {
    this.#toldToStop = true;
    this.#tell({ kind: 'stop' });
  }

  kill(): void {
    this.#child.process.kill('SIGKILL');
  }

  #hear(listener: ServerListener): Promise<ServerEnd> {
    const { process: child } = this.#child;
    let failure: ServerEnd['failure'] = null;
    child.on('message', (message: FromServer) => {
      switch (message.kind) {
        case 'listening':
          listener.listening(message.url);
          break;
        case 'ready':
          listener.ready();
          break;
        case 'failed':
          failure = message;
          break;
        case 'snapshots':
          listener.snapshots(message.snapshots);
          break;
        case 'second':
          listener.second(message.text);
          break;
        case 'collect_metrics':
          listener
            .collectMetrics()
            .then((collected) => this.#tell({ kind: 'metrics_collected', id: message.id, ...collected }));
          break;
        case 'metrics':
          this.#metrics.answer(message.id, message.families);
          break;
      }
    });
    const lines = new WholeLines();
    child.stdout?.on('data', (piece: Buffer) => {
      const whole = lines.take(piece);
      if (whole !== null) {
        listener.logged(whole.bytes, whole.lines);
      }
    });
    // A process that could not be made ends like any other; without a listener the event would end this one.
    this.#child.on('error', () => undefined);
    const closeLastConnection = watchHandOver(child);
    return new Promise((resolve) => {
      // Unlike 'exit' it comes after the last line of the log and the last message.
      child.once('close', (code, signal) => {
        // One that is told to stop gives back what it does not accept.
        if (!this.#toldToStop) {
          closeLastConnection();
        }
        resolve({ code, signal, failure });
      });
    });
  }

  /** Resolves when it is on its way, or cannot be because the process is gone. */
  #tell(message: ToServer): Promise<void> {
    return new Promise((resolve) => {
      this.#child.send(message, undefined, undefined, () => resolve());
    });
  }
}
