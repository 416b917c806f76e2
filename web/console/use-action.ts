import { useState } from 'preact/hooks';
import { failureText } from './failure-text.ts';

export type Action = {
  readonly isRunning: boolean;
  /** Why it was refused, for people; null unless it was. */
  readonly failure: string | null;
  /** Runs one call at a time. What it returns is passed to `done`; null: there is nothing to say yet. */
  run(call: () => Promise<string | null>): void;
};

/** A call of the admin API that somebody asked for by hand. @param done is told what was done, in a sentence */
export function useAction(done: (words: string) => void): Action {
  const [isRunning, setIsRunning] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async (call: () => Promise<string | null>) => {
    setIsRunning(true);
    setFailure(null);
    try {
      const words = await call();
      if (words !== null) {
        done(words);
      }
    } catch (error) {
      setFailure(failureText(error));
    } finally {
      setIsRunning(false);
    }
  };
  return { isRunning, failure, run: (call) => void (isRunning || run(call)) };
}
