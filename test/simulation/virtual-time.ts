/** Something that is still to happen. */
export type Appointment = {
  readonly atMs: number;
  readonly label: string;
  readonly run: () => void;
  isCancelled: boolean;
};

/** More than any run needs: what goes on longer never comes to rest. */
const happenedMax = 30_000;
const stepsPerRound = 32;

/**
 * Time that goes on only when everything that can run has run: one appointment after the other, and between two of them all promises
 * that the first one settled. So a run is the same each time, and a minute of it takes a moment.
 */
export class VirtualTime {
  nowMs = 0;
  /** How much has happened. */
  happened = 0;
  /** The next one stands last. */
  readonly #appointments: Appointment[] = [];
  #hash = 0x811c9dc5;

  /** A number for all that has happened and when: two runs with the same one were the same run. */
  get traceHash(): number {
    return this.#hash >>> 0;
  }

  after(delayMs: number, label: string, run: () => void): Appointment {
    const appointment = { atMs: this.nowMs + Math.max(0, delayMs), label, run, isCancelled: false };
    const appointments = this.#appointments;
    let at = appointments.length;
    // What was made first comes first among those of one instant.
    while (at > 0 && (appointments[at - 1]?.atMs ?? 0) <= appointment.atMs) {
      at -= 1;
    }
    appointments.splice(at, 0, appointment);
    return appointment;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, 'pause', resolve));
  }

  /** Makes `text` a part of the trace. */
  note(text: string): void {
    let hash = this.#hash;
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    this.#hash = Math.imul(hash ^ Math.floor(this.nowMs * 1000), 0x01000193);
  }

  /** Lets time go on until `isOver`. Rejects when nothing is left to happen before, or there is no end of it. */
  goOn(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let hasEnded = false;
      const step = (): void => {
        if (!hasEnded) {
          try {
            hasEnded = isOver();
            if (hasEnded) {
              resolve();
            } else {
              this.#next();
            }
          } catch (error) {
            hasEnded = true;
            reject(error);
          }
        }
      };
      // Between two immediates Node runs what promises are waiting for, and a round of the event loop costs more than that.
      const round = (): void => {
        for (let count = 0; count < stepsPerRound; count += 1) {
          setImmediate(step);
        }
        setImmediate(() => hasEnded || round());
      };
      round();
    });
  }

  #next(): void {
    for (;;) {
      const next = this.#appointments.pop();
      if (next === undefined || this.happened > happenedMax) {
        throw new Error(
          next === undefined ? 'somebody waits for what never happens' : 'it never comes to rest',
        );
      }
      if (!next.isCancelled) {
        this.nowMs = next.atMs;
        this.happened += 1;
        this.note(next.label);
        next.run();
        return;
      }
    }
  }
}
