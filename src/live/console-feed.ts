import { isDeepStrictEqual } from 'node:util';
import type { Backlog, ProductSales, StoreReader } from '../store/store-reader.ts';
import { Worker } from '../workers/worker.ts';
import type { AuditResult, Audits } from './audits.ts';

const salesEveryMs = 1_000;
const attentionEveryMs = 2_000;
const auditEveryMs = 60_000;
/** An audit reads all rows: it takes at most this share of the time, so a long one comes more rarely. */
const auditShareMax = 1 / 300;

export type ConsoleListener = {
  /** Products of which something has changed. */
  readonly sales: (changed: readonly ProductSales[]) => void;
  /** What an operator has to look after has changed. */
  readonly attention: (backlog: Backlog) => void;
  readonly audited: (result: AuditResult) => void;
};

type Reader = Pick<StoreReader, 'productSales' | 'backlog' | 'nowMs'>;

/**
 * What all operators who watch are told, read once for the whole process, and only while somebody watches. A read that fails is tried
 * again at the next turn; until then nothing is said.
 */
export class ConsoleFeed {
  readonly #reader: Reader;
  readonly #audits: Audits;
  readonly #sales = new Map<number, ProductSales>();
  #listener: ConsoleListener = { sales: () => {}, attention: () => {}, audited: () => {} };
  #attention: Backlog | null = null;
  #workers: readonly Worker[] | null = null;

  constructor(reader: Reader, audits: Audits) {
    this.#reader = reader;
    this.#audits = audits;
  }

  /** To be called before anybody watches. */
  listen(listener: ConsoleListener): void {
    this.#listener = listener;
  }

  /** Resolves when the products are known. @throws StoreError when they cannot be read */
  async watch(): Promise<void> {
    if (this.#workers !== null) {
      return;
    }
    await this.#readSales();
    this.#workers ??= [
      started(() => this.#readSales(), salesEveryMs),
      started(() => this.#readAttention(), attentionEveryMs),
      started(() => this.#auditWhenItIsTime(), auditEveryMs),
    ];
  }

  sleep(): void {
    for (const worker of this.#workers ?? []) {
      worker.stop();
    }
    this.#workers = null;
    this.#sales.clear();
    this.#attention = null;
  }

  sales(): readonly ProductSales[] {
    return [...this.#sales.values()];
  }

  /** Null until it was looked at for the first time since somebody watches. */
  get attention(): Backlog | null {
    return this.#attention;
  }

  get audit(): AuditResult | null {
    return this.#audits.latest;
  }

  async #readSales(): Promise<number> {
    const changed: ProductSales[] = [];
    for (const sales of await this.#reader.productSales()) {
      const known = this.#sales.get(sales.product.id);
      this.#sales.set(sales.product.id, sales);
      if (known === undefined || !isDeepStrictEqual(visible(known), visible(sales))) {
        changed.push(sales);
      }
    }
    if (changed.length > 0 && this.#workers !== null) {
      this.#listener.sales(changed);
    }
    return salesEveryMs;
  }

  async #readAttention(): Promise<number> {
    const backlog = await this.#reader.backlog();
    if (!isDeepStrictEqual(backlog, this.#attention) && this.#workers !== null) {
      this.#attention = backlog;
      this.#listener.attention(backlog);
    }
    return attentionEveryMs;
  }

  /** At once when the latest is long ago. @returns the ms until the next one */
  async #auditWhenItIsTime(): Promise<number> {
    const restMs = this.#auditDueMs() - this.#reader.nowMs();
    if (restMs > 0) {
      return restMs;
    }
    await this.#audits.run();
    if (this.#audits.latest !== null && this.#workers !== null) {
      this.#listener.audited(this.#audits.latest);
    }
    return this.#auditDueMs() - this.#reader.nowMs();
  }

  #auditDueMs(): number {
    const { latest } = this.#audits;
    return latest === null
      ? Number.NEGATIVE_INFINITY
      : latest.atMs + Math.max(auditEveryMs, latest.durationMs / auditShareMax);
  }
}

/** What it could not read, it tries to at the next turn; that the database is away is told elsewhere. */
function started(round: () => Promise<number>, everyMs: number): Worker {
  const worker = new Worker(round, everyMs, () => {});
  worker.start();
  return worker;
}

/** All but the instant and the version, which change without anybody seeing it. */
function visible({ product, ...units }: ProductSales): unknown {
  const { asOfMs: _asOfMs, version: _version, ...shown } = product;
  return { ...shown, ...units };
}
