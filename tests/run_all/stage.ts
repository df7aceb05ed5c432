import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Count, readBunSummary, readSkipped } from "./bun_summary.ts";

/** One command of the whole: a linter, or one run of `bun test`. */
export interface Stage {
  name: string;
  argv: string[];
  limitMs: number;
  /** It has no network namespace and nobody's clock to keep: it may run while others do. */
  runsBeside?: boolean;
}

export interface StageResult extends Count {
  name: string;
  tookMs: number;
  skippedNames: string[];
  /** What it wrote. */
  output: string;
  /** Where it did not come to its end, or failed without a failing test. */
  trouble?: string;
}

const reports = ".artifacts/junit";
const killAfterMs = 5000;

/** Runs the stage and keeps what it writes: of two that run at once each is shown whole. */
export async function runStage(stage: Stage): Promise<StageResult> {
  const isTest = stage.argv[0] === "bun" && stage.argv[1] === "test";
  const report = join(reports, `${stage.name.replaceAll(/[^\w]+/g, "_")}.xml`);
  mkdirSync(reports, { recursive: true });
  const start = performance.now();
  const [program = "", ...rest] = stage.argv;
  const child = Bun.spawn(
    [
      program === "bun" ? process.execPath : program,
      ...rest,
      ...(isTest ? ["--reporter=junit", `--reporter-outfile=${report}`] : []),
    ],
    // Without being told, Bun passes on the environment of its own start, and PATH has grown since.
    { stdin: "ignore", stdout: "pipe", stderr: "pipe", env: process.env },
  );
  let isLate = false;
  const term = setTimeout(() => {
    isLate = true;
    child.kill("SIGTERM");
  }, stage.limitMs);
  const kill = setTimeout(() => child.kill("SIGKILL"), stage.limitMs + killAfterMs);
  const output = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const exitCode = await child.exited;
  clearTimeout(term);
  clearTimeout(kill);
  // What the command started and left may hold its output open.
  const text = (await Promise.race([output, Bun.sleep(1000).then(() => [])])).join("\n");
  const tookMs = performance.now() - start;
  const result = { name: stage.name, tookMs, skippedNames: [] as string[], output: text };
  const count = isTest ? readBunSummary(text) : undefined;
  if (isTest && (await Bun.file(report).exists())) {
    result.skippedNames = await readSkipped(await Bun.file(report).text());
  }
  const how = isLate ? `did not end within ${stage.limitMs / 1000} s` : `ended with exit code ${exitCode}`;
  if (isLate || (isTest && !count))
    return { ...result, passed: 0, failed: 1, skipped: 0, ...count, trouble: how };
  if (!count)
    return { ...result, passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
  if (exitCode !== 0 && count.failed === 0) return { ...result, ...count, failed: 1, trouble: how };
  return { ...result, ...count };
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text;
}
