import cluster from 'node:cluster';
import type { SiblingLink, SiblingListener } from '../cache/sibling-snapshot-cache.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import type { SecondsLink } from '../live/seconds-link.ts';
import type { MetricFamily } from '../telemetry/metrics/metric-family.ts';
import type { SiblingAnswers, SiblingMetrics } from '../telemetry/metrics/sibling-metrics.ts';
import type { FromServer, StartOrder, ToServer } from './messages.ts';
import { Questions } from './questions.ts';

/** The primary process waits for the others for a second; with it itself something is wrong after that. */
const metricsWaitMs = 1_500;

/** A server process's way to the primary process, and through it to the other server processes. */
export class PrimaryLink implements SiblingLink, SiblingMetrics {
  /** Resolves to what this process is to do. */
  readonly started: Promise<StartOrder>;
  /** Resolves when this process is to end: told so, or because the primary process is gone. */
  readonly toldToEnd: Promise<{ readonly reason: string }>;
  /** What processes count in each second, told to the others. */
  readonly seconds: SecondsLink = {
    share: (text) => {
      this.tell({ kind: 'second', text });
    },
    listen: (hear) => {
      this.#hearSecond = hear;
    },
  };
  #listener: SiblingListener | null = null;
  #hearSecond: (text: string) => void = () => {};
  #families: () => Promise<readonly MetricFamily[]> = async () => [];
  readonly #collecting = new Questions<SiblingAnswers>(metricsWaitMs);

  constructor() {
    const started = Promise.withResolvers<StartOrder>();
    const toldToEnd = Promise.withResolvers<{ readonly reason: string }>();
    this.started = started.promise;
    this.toldToEnd = toldToEnd.promise;
    process.on('message', (message: ToServer) => {
      switch (message.kind) {
        case 'start':
          cluster.worker?.once('disconnect', () => {
            keepNodeFromEndingAtOnce();
            toldToEnd.resolve({ reason: 'the primary process is gone' });
          });
          started.resolve({ ...message, config: Object.freeze(message.config) });
          break;
        case 'stop':
          toldToEnd.resolve({ reason: 'told by the primary process' });
          break;
        case 'snapshots':
          this.#listener?.snapshots(message.snapshots);
          break;
        case 'second':
          this.#hearSecond(message.text);
          break;
        case 'sibling_died':
          this.#listener?.died();
          break;
        case 'metrics_wanted':
          this.#families()
            .then((families) => this.tell({ kind: 'metrics', id: message.id, families }))
            .catch(() => undefined); // then this process is left out
          break;
        case 'metrics_collected':
          this.#collecting.answer(message.id, message);
          break;
      }
    });
  }

  /** Resolves when it is on its way, or cannot be because the primary process is gone. Never rejects. */
  tell(message: FromServer): Promise<void> {
    return new Promise((resolve) => {
      process.send?.(message, undefined, undefined, () => resolve());
    });
  }

  shareSnapshots(snapshots: readonly ProductSnapshot[]): Promise<void> {
    return this.tell({ kind: 'snapshots', snapshots });
  }

  answerMetrics(families: () => Promise<readonly MetricFamily[]>): void {
    this.#families = families;
  }

  async askForMetrics(): Promise<SiblingAnswers> {
    const collected = await this.#collecting.ask((id) => this.tell({ kind: 'collect_metrics', id }));
    return collected ?? { processes: 1, answers: [] };
  }

  listen(listener: SiblingListener): void {
    this.#listener = listener;
  }
}

/** As it does with a process that lost its primary: what was accepted would stay without an answer. */
function keepNodeFromEndingAtOnce(): void {
  if (cluster.worker) {
    cluster.worker.exitedAfterDisconnect = true;
  }
}
