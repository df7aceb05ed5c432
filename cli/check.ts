import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import type { CheckResult, Manifests } from "./check/check_manifests.ts";
import { checkUpgradeCommand } from "./check/upgrade.ts";

/**
 * `metallb check FILE…`: says before `kubectl apply` what controller and speakers would say after it. What judges is
 * loaded only when it runs.
 */
export function checkCommand(): Command {
  return new Command("check")
    .enablePositionalOptions()
    .addCommand(checkUpgradeCommand())
    .description("judge manifests of metallb.io as the cluster will, without one")
    .argument("<files...>", "YAML files, folders of them, or - for standard input")
    .option("--json", "for programs", false)
    .action(async (files: string[], { json }: { json: boolean }) => {
      const { checkManifests } = await import("./check/check_manifests.ts");
      const result = checkManifests(files.flatMap(readManifests));
      console.log(json ? JSON.stringify(result, undefined, 2) : checkText(result));
      process.exitCode = result.lines.some(({ severity }) => severity === "error") ? 1 : 0;
    });
}

export function checkText({ lines, judged, others }: CheckResult): string {
  const told = lines.map(({ severity, where, object, path, message }) => {
    const subject = path === "" || message.startsWith(path) ? object : `${object}: ${path}`;
    return `${severity === "error" ? "✗ rejected" : "! warning "}  ${where}  ${subject}: ${message}`;
  });
  const rejected = new Set(lines.filter(({ severity }) => severity === "error").map(({ object }) => object))
    .size;
  const warnings = lines.filter(({ severity }) => severity === "warning").length;
  const left = others > 0 ? `; ${others} of other groups not looked at` : "";
  return [...told, `${judged} judged, ${rejected} rejected, ${warnings} warnings${left}`].join("\n");
}

function readManifests(path: string): Manifests[] {
  if (path === "-") return [{ file: "stdin", text: readFileSync(0, "utf8") }];
  if (!statSync(path).isDirectory()) return [{ file: path, text: readFileSync(path, "utf8") }];
  return readdirSync(path)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => ({ file: join(path, name), text: readFileSync(join(path, name), "utf8") }));
}
