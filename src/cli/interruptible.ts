const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs work that cleans up when it is interrupted: at SIGINT, SIGTERM or SIGHUP the work gets an abort signal, cleans up and rejects. Then
 * the process ends by the same signal. Work that completes in spite of the signal returns its result.
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let came: NodeJS.Signals | null = null;
  // Each further one is ignored: npm passes Ctrl-C on, so it comes twice.
  const listen = (signal: NodeJS.Signals) => {
    came ??= signal;
    controller.abort(new Interrupted(signal));
  };
  for (const signal of signals) {
    process.on(signal, listen);
  }
  try {
    return await work(controller.signal);
  } catch (error) {
    if (error instanceof Interrupted && came !== null) {
      process.removeAllListeners(came);
      process.kill(process.pid, came);
    }
    throw error;
  } finally {
    for (const signal of signals) {
      process.off(signal, listen);
    }
  }
}

class Interrupted extends Error {
  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.name = 'Interrupted';
  }
}
