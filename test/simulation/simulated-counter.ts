import type { Reply } from '../history/history.ts';
import type { Counter, Request } from '../stories/counter.ts';
import type { Random } from '../stories/random.ts';
import type { SimulatedDatabase } from './simulated-database.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { VirtualTime } from './virtual-time.ts';

type Parts = {
  readonly time: VirtualTime;
  readonly nodes: readonly SimulatedNode[];
  readonly random: Random;
  readonly database: SimulatedDatabase;
};

/** The simulated nodes at the other end of a network that delays, loses and overtakes. */
export class SimulatedCounter implements Counter {
  readonly #parts: Parts;
  readonly #clientTimeoutMs: number;

  constructor(parts: Parts, clientTimeoutMs: number) {
    this.#parts = parts;
    this.#clientTimeoutMs = clientTimeoutMs;
  }

  get nodes(): number {
    return this.#parts.nodes.length;
  }

  get nowMs(): number {
    return this.#parts.time.nowMs;
  }

  pause(ms: number): Promise<void> {
    return this.#parts.time.pause(ms);
  }

  ask(index: number, request: Request): Promise<Reply | null> {
    const { time } = this.#parts;
    const node = this.#node(index);
    return new Promise((resolve) => {
      const timeout = time.after(this.#clientTimeoutMs, 'client gives up', () => resolve(null));
      this.#travel('request', () => {
        if (node.loses('request lost')) {
          return;
        }
        node.ask(request, (reply) => {
          if (node.loses('answer lost')) {
            return;
          }
          this.#travel(`answer ${reply.kind}`, () => {
            if (!timeout.isCancelled && timeout.atMs > time.nowMs) {
              timeout.isCancelled = true;
              resolve(reply);
            }
          });
        });
      });
    });
  }

  work(index: number, kind: 'expire' | 'recheck'): void {
    // It may never end, when the node dies; nobody waits for it.
    void this.#node(index).work(kind);
  }

  async refundsDue(): Promise<readonly number[]> {
    return [...this.#parts.database.refunds.values()]
      .filter(({ status }) => status === 'due')
      .map(({ id }) => id);
  }

  #travel(label: string, arrive: () => void): void {
    const { random, time } = this.#parts;
    const isLong = random.chance(0.05);
    time.after(random.between(0.1, isLong ? 300 : 8), label, arrive);
  }

  #node(index: number): SimulatedNode {
    const { nodes } = this.#parts;
    const node = nodes[index];
    if (node === undefined) {
      throw new Error(`expected one of ${nodes.length} nodes, got node ${index + 1}`);
    }
    return node;
  }
}
