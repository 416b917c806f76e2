import cluster from 'node:cluster';
import type { SiblingLink, SiblingListener } from '../cache/sibling-snapshot-cache.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import type { SecondsLink } from '../live/seconds-link.ts';
import type { FromServer, StartOrder, ToServer } from './messages.ts';

/** A server process's way to the primary process, and through it to the other server processes. */
export class PrimaryLink implements SiblingLink {
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
