/** Questions to another process by messages, each with an id by which its answer is known. */
export class Questions<Answer> {
  readonly #waitMs: number;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  /** @param waitMs how long an answer may take */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** Resolves to the answer, or to null when none has come in time. */
  ask(send: (id: number) => void): Promise<Answer | null> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        resolve(null);
      }, this.#waitMs);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      send(id);
    });
  }

  /** Takes what came back. What nobody waits for any more is dropped. */
  answer(id: number, answer: Answer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
