const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs work that leaves nothing behind when it is interrupted: it is given a signal to stop, cleans up and rejects, and then the process
 * ends by the signal that came. Work that comes to its end all the same has its result.
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
