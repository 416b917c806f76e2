import type { Audit } from '../store/store-reader.ts';

/** What the latest audit of this process came to. */
export type AuditResult = {
  readonly ok: boolean;
  /** The names of the checks that found a difference. */
  readonly failed: readonly string[];
  /** When it ended, by the database's clock. */
  readonly atMs: number;
  readonly durationMs: number;
};

/** Runs audits and keeps what the latest came to, whoever asked for it. */
export class Audits {
  latest: AuditResult | null = null;
  readonly #audit: () => Promise<Audit>;
  readonly #nowMs: () => number;

  constructor(audit: () => Promise<Audit>, nowMs: () => number) {
    this.#audit = audit;
    this.#nowMs = nowMs;
  }

  async run(): Promise<Audit> {
    const startedMs = performance.now();
    const audit = await this.#audit();
    this.latest = {
      ok: audit.ok,
      failed: audit.checks.filter(({ ok }) => !ok).map(({ name }) => name),
      atMs: this.#nowMs(),
      durationMs: Math.round(performance.now() - startedMs),
    };
    return audit;
  }
}
