import manifest from "../../package.json" with { type: "json" };
import type { Stage } from "./stage.ts";

const minuteMs = 60_000;
/**
 * Tests that have no network namespace: browsers, simulations, and what works on an API server in its own process.
 * They keep one core busy while those on the network mostly wait.
 */
const beside =
  /^tests\/(console|property|run_all|simulation)\/|^tests\/integration\/(api_faults|chart|configuration|console|controller|examples|gitops|inspect|manifests|memberlist_secret|migration|sandbox_api|secrets|secure|tls)/;

/** The parts of `bun run check`, then every other test, a file each, end-to-end last. */
export function allStages(): Stage[] {
  const checks = manifest.scripts.check.split("&&").map((part): Stage => {
    const argv = part.trim().split(/\s+/);
    const [program = ""] = argv;
    const name = argv[1] === "test" ? "unit tests" : program === "biome" ? "format and lint" : "types";
    // Programs of node_modules/.bin, as `bun run` finds them.
    return {
      name,
      argv: program === "bun" ? argv : ["bun", "x", ...argv],
      limitMs: 2 * minuteMs,
      runsBeside: true,
    };
  });
  // What `check` names by itself is not run twice; a benchmark is not a test.
  const named = new Set(["tests/architecture_test.ts"]);
  const files = [...new Bun.Glob("tests/**/*_test.{ts,tsx}").scanSync()]
    .filter((file) => !named.has(file) && !file.startsWith("tests/bench/"))
    .sort(
      (a, b) => Number(a.startsWith("tests/e2e/")) - Number(b.startsWith("tests/e2e/")) || (a < b ? -1 : 1),
    );
  return [
    ...checks,
    ...files.map(
      (file): Stage => ({
        name: file,
        argv: ["bun", "test", "--timeout", "60000", `./${file}`],
        limitMs: 4 * minuteMs,
        runsBeside: beside.test(file),
      }),
    ),
  ];
}
