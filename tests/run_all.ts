/**
 * Everything there is to test, in stages, with one line at the end that counts: `N passed, N failed, N skipped`.
 * Two lanes at once: what is on the network one at a time, and beside it what is not.
 * Called by `./run test`; an argument picks the stages whose name contains it: `./run test lab`.
 */
import { preparePackages } from "./packages.ts";
import { runStage, type Stage, type StageResult } from "./run_all/stage.ts";
import { allStages } from "./run_all/stages.ts";

const wanted = process.argv[2] ?? "";
const notes = preparePackages();
const results: StageResult[] = [];
const stages = allStages().filter(({ name }) => name.includes(wanted));
const lanes = [stages.filter(({ runsBeside }) => runsBeside), stages.filter(({ runsBeside }) => !runsBeside)];
await Promise.all(lanes.map(runLane));
results.sort((a, b) => orderOf(a) - orderOf(b));

/** One after the other; each is shown when it has ended. */
async function runLane(lane: readonly Stage[]): Promise<void> {
  for (const stage of lane) {
    const result = await runStage(stage);
    console.log(`\n── ${stage.name} ${"─".repeat(Math.max(0, 72 - stage.name.length))}\n${result.output}`);
    results.push(result);
  }
}

function orderOf(result: StageResult): number {
  return stages.findIndex(({ name }) => name === result.name);
}

const sum = (of: (result: StageResult) => number) => results.reduce((total, result) => total + of(result), 0);
const width = Math.max(...results.map(({ name }) => name.length), 0);
console.log(`\n── summary ${"─".repeat(64)}`);
for (const { name, passed, failed, skipped, tookMs, trouble } of results) {
  const seconds = `${(tookMs / 1000).toFixed(1)} s`.padStart(8);
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  console.log(`${name.padEnd(width)} ${seconds}  ${counts}${trouble ? ` (${trouble})` : ""}`);
}
const skipped = results.flatMap(({ name, skippedNames }) => skippedNames.map((test) => `${name}: ${test}`));
if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((line) => `  ${line}`).join("\n")}`);
if (notes.length > 0) console.log(`\nNot there:\n${notes.map((line) => `  ${line}`).join("\n")}`);

const failed = sum((result) => result.failed);
console.log(
  `\n${sum((result) => result.passed)} passed, ${failed} failed, ${sum((result) => result.skipped)} skipped`,
);
process.exit(failed > 0 || results.length === 0 ? 1 : 0);
