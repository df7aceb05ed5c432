/** A container, by what a runtime knows it by. */
export interface ContainerRef {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  /** Where the pod is bound to. */
  readonly node: string;
  /** Empty where it has none yet. */
  readonly podIP: string;
  /** By its status: its containers were started. */
  readonly isRunning: boolean;
}

/** A line of a container's log, as a kubelet keeps it. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, UTC. */
  readonly at: string;
  readonly stream: "stdout" | "stderr";
  /** Without its line feed. */
  readonly text: Uint8Array;
  /** The end of a text that had no line feed yet. */
  readonly isPartial?: boolean;
}

export interface ContainerLog {
  /** What was written up to now. */
  readonly lines: readonly LogLine[];
  /** What is written from then on, until the container ends. */
  follow(signal: AbortSignal): AsyncIterable<LogLine>;
}

/** A program that runs in a container. */
export interface Execution {
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly stdin: { write(bytes: Uint8Array): void; end(): void };
  /** Its exit code; 128 and the signal where one ended it. */
  readonly ended: Promise<number>;
  /** Nobody waits for it any more. */
  abandon(): void;
}

/** Why a runtime could not do what it was asked to; told to the user in these words. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
}

/** A TCP connection into a pod. */
export interface PodConnection {
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  end(): void;
  destroy(): void;
}

/** What a kubelet and a container runtime do for the API server's streams; every call may reject with {@link RuntimeError}. */
export interface PodRuntime {
  /** Undefined where the container has not run; of the run before the last one where `previous`. */
  log(of: ContainerRef, previous: boolean): Promise<ContainerLog | undefined>;
  exec(of: ContainerRef, command: readonly string[]): Promise<Execution>;
  /** Output of the container's own program from now on. */
  attach(of: ContainerRef): Promise<Execution>;
  /** Connects to the port on the pod's localhost. */
  dial(of: ContainerRef, port: number): Promise<PodConnection>;
}
