/** The stream for progress: standard error, so that standard output has only the result. */
export type ProgressOutput = { readonly isTTY?: boolean; write(text: string): unknown };
