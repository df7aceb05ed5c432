/**
 * The table of docs/membership.md: `bun tests/simulation/memberlist/table.ts [members …]`. Minutes at 1,000 members; a
 * row is printed as soon as it is there.
 */
import { exchangeBytesPerSecond, type Measured, measure } from "./measure.ts";

const sizes = process.argv.slice(2).map(Number);
const rows = (sizes.length > 0 ? sizes : [10, 100, 1000]).flatMap((members) =>
  [0, 0.01, 0.05, 0.2].map((loss) => ({ members, loss })),
);
/** As many runs as make the smaller rings' figures steady. */
function runsOf(members: number, loss: number): number {
  if (members <= 10) return 400;
  if (members <= 100) return loss > 0.1 ? 20 : 40;
  return loss > 0.1 ? 1 : 3;
}
/** A thousand members say in 20 s as much as a hundred in three minutes. */
const calmOf = (members: number) => (members > 100 ? 20_000 : 60_000);

console.log(
  "| members | loss | first verdict mean (p99) s | all know mean (max) s | UDP/s | UDP B/s | full exchanges, TCP B/s | false verdicts | in member-hours | suspicions |",
);
console.log("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
for (const { members, loss } of rows) {
  const runs = runsOf(members, loss);
  const calmMs = calmOf(members);
  const results = Array.from({ length: runs }, (_, seed) =>
    measure({ members, loss, calmMs, seed: seed + 1 }),
  );
  const first = seconds(results, "firstMs");
  const all = seconds(results, "allMs");
  const sum = (key: keyof Measured) => results.reduce((total, result) => total + (result[key] ?? 0), 0);
  const cells = [
    members,
    `${loss * 100} %`,
    `${mean(first).toFixed(1)} (${quantile(first, 0.99).toFixed(1)})`,
    `${mean(all).toFixed(1)} (${Math.max(...all).toFixed(1)})${all.length < runs ? `, ${runs - all.length} not within 120 s` : ""}`,
    (sum("datagramsPerSecond") / runs).toFixed(2),
    (sum("bytesPerSecond") / runs).toFixed(0),
    exchangeBytesPerSecond(members).toFixed(0),
    sum("falseDeaths"),
    ((runs * members * calmMs) / 3_600_000).toFixed(0),
    sum("falseSuspicions"),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

function seconds(results: readonly Measured[], key: "firstMs" | "allMs"): number[] {
  return results
    .flatMap((result) => (result[key] === undefined ? [] : [result[key] / 1000]))
    .sort((a, b) => a - b);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
