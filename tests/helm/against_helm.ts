import { expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { documents, type Rendered, type RenderOptions, renderChart } from "./chart.ts";
import { ChartRefusal } from "./functions.ts";

/** Helm itself, where this machine has it. */
export const helm = Bun.which("helm");

/**
 * Renders by {@link renderChart}. Where Helm is in PATH it renders the same too: the objects must be equal one by one,
 * and what one refuses the other must refuse.
 */
export function renderAsHelm(options: RenderOptions): Rendered {
  const theirs = helm ? renderByHelm(helm, options) : undefined;
  let ours: Rendered;
  try {
    ours = renderChart(options);
  } catch (error) {
    if (error instanceof ChartRefusal && theirs && typeof theirs !== "string")
      throw new Error(`Helm renders what is refused here: ${error.message}`);
    throw error;
  }
  if (typeof theirs === "string") throw new Error(`Helm refuses what is rendered here: ${theirs}`);
  if (theirs) expect(byName(ours.objects)).toEqual(byName(theirs));
  return ours;
}

/** Helm's objects, or what it says instead. */
function renderByHelm(program: string, { chart, release, namespace, values = {} }: RenderOptions) {
  const directory = mkdtempSync(join(tmpdir(), "mlbt-helm-"));
  const file = join(directory, "values.json");
  writeFileSync(file, JSON.stringify(values));
  try {
    // A Helm that was built without its version would take the cluster for an old one.
    const flags = ["--namespace", namespace, "--values", file, "--kube-version", "1.32.0"];
    const { exitCode, stdout, stderr } = Bun.spawnSync([program, "template", release, chart, ...flags]);
    return exitCode === 0 ? documents(stdout.toString()) : stderr.toString();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function byName(objects: Record<string, unknown>[]): Record<string, unknown> {
  return Object.fromEntries(
    objects.map((object) => [`${object.kind} ${(object.metadata as { name: string }).name}`, object]),
  );
}
