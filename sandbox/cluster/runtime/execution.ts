import type { ContainerLog, Execution, LogLine } from "../../api/mod.ts";

/** Runs a program to its end; it dies with whoever waits for it. */
export function spawnExecution(argv: readonly string[], env: Readonly<Record<string, string>>): Execution {
  const child = Bun.spawn([...argv], { stdio: ["pipe", "pipe", "pipe"], env });
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    stdin: {
      write(bytes) {
        child.stdin.write(bytes);
        void child.stdin.flush();
      },
      end: () => void child.stdin.end(),
    },
    ended: child.exited,
    abandon: () => child.kill("SIGKILL"),
  };
}

/** What a container's own program writes from now on, until it ends; it reads nothing. */
export function attachedExecution(log: ContainerLog, exitCode: Promise<number>): Execution {
  const ended = new AbortController();
  const stdout = streamOf(log, "stdout", ended.signal);
  const stderr = streamOf(log, "stderr", ended.signal);
  return {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: { write() {}, end() {} },
    ended: Promise.all([stdout.ended, stderr.ended]).then(() => exitCode),
    abandon: () => ended.abort(),
  };
}

function streamOf(log: ContainerLog, name: LogLine["stream"], signal: AbortSignal) {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const lines = log.follow(signal)[Symbol.asyncIterator]();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) {
          controller.close();
          return resolve();
        }
        if (value.stream !== name) continue;
        return controller.enqueue(Buffer.concat([value.text, Buffer.from(value.isPartial ? "" : "\n")]));
      }
    },
  });
  return { stream, ended };
}
