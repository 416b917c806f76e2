/** What the client takes from the machine that it runs on; tests bring their own. */
export interface Device {
  /** The device's clock, in ms since 1970. May be wrong by hours, and may jump. */
  nowMs(): number;
  /** Ms since some moment; never jumps. */
  elapsedMs(): number;
  /** From 0 up to 1. */
  random(): number;
  /** Calls back once, after so many ms; what it returns calls that off. */
  later(callback: () => void, delayMs: number): () => void;
  /**
   * Resolves after so many ms.
   *
   * @throws what the signal was aborted with, at once
   */
  pause(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export const thisDevice: Device = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  random: () => Math.random(),
  later: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  pause: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, delayMs);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
