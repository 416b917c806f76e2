import type { MetricFamily } from './metric-family.ts';

/** What the other processes of a service have counted. */
export type SiblingAnswers = {
  /** How many processes there are, this one included. */
  readonly processes: number;
  /** Of those that answered in time. */
  readonly answers: readonly (readonly MetricFamily[])[];
};

/** The way to the other processes that serve on the same port: a request for metrics reaches any one of them. */
export interface SiblingMetrics {
  /** Asks all others. Never rejects; whoever does not answer in time is left out. */
  askForMetrics(): Promise<SiblingAnswers>;
  /** Says how this process answers when another one asks. */
  answerMetrics(families: () => Promise<readonly MetricFamily[]>): void;
}
