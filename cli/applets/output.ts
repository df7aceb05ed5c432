/** What an applet writes to; given, so that a test reads it. */
export interface Output {
  stdout(bytes: string | Uint8Array): void | Promise<void>;
  stderr(text: string): void;
}

/** Gives its exit code. */
export type Applet = (args: readonly string[], output: Output) => Promise<number>;

/** What the user typed is not what there is; told with the usage. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
