import { useRef, useState } from 'preact/hooks';
import { randomKey } from '../../src/client/random-key.ts';
import { type Failure, failureOf } from './failure-text.ts';

export type Action = {
  readonly isRunning: boolean;
  /** The reasons of a refusal; null without one. */
  readonly failure: Failure | null;
  setFailure(failure: Failure | null): void;
  /**
   * Runs one call at a time, and passes its result to `done`. Every call until a success has the same `Idempotency-Key`, so a repetition
   * after a lost answer has one effect.
   *
   * @param names of the fields whose errors stand at the field
   */
  run(call: (key: string) => Promise<string>, names?: readonly string[]): void;
};

/**
 * A call of the admin API by an operator.
 *
 * @param done receives a sentence about the result
 * @param failed receives the reasons of a refusal
 */
export function useAction(done: (words: string) => void, failed?: (failure: Failure) => void): Action {
  const [isRunning, setIsRunning] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const key = useRef(randomKey());
  const run = async (call: (key: string) => Promise<string>, names?: readonly string[]) => {
    setIsRunning(true);
    setFailure(null);
    try {
      const words = await call(key.current);
      key.current = randomKey();
      done(words);
    } catch (error) {
      const why = failureOf(error, names);
      setFailure(why);
      failed?.(why);
    } finally {
      setIsRunning(false);
    }
  };
  return { isRunning, failure, setFailure, run: (call, names) => void (isRunning || run(call, names)) };
}
