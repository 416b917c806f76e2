/** What the client takes from the machine that it runs on; tests bring their own. */
export type Device = {
  /** The device's clock, in ms since 1970. May be wrong by hours, and may jump. */
  nowMs(): number;
  /** Ms since some moment; never jumps. */
  elapsedMs(): number;
  /** From 0 up to 1. */
  random(): number;
  /** Calls back once, after so many ms; what it returns calls that off. */
  later(callback: () => void, delayMs: number): () => void;
};

export const thisDevice: Device = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  random: () => Math.random(),
  later: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Resolves after so many ms.
 *
 * @throws what the signal was aborted with, at once
 */
export function pause(device: Device, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      callOff();
      reject(signal?.reason);
    };
    const callOff = device.later(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
