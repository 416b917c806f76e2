/** The way to the other processes that serve the same sale. What is said on it may get lost. */
export interface SecondsLink {
  /** Sends to all others. */
  share(text: string): void;
  /** What others sent, and perhaps this process too. */
  listen(hear: (text: string) => void): void;
}
