import { stringify } from "yaml";
import { checkManifests } from "../check/check_manifests.ts";
import { convertConfig } from "./convert_config.ts";
import { readInput } from "./read_input.ts";
import { losses, type Say } from "./texts.ts";

export interface ConvertedText {
  /** The objects, ready for `kubectl apply -f -`; empty where the input holds no configuration. */
  readonly yaml: string;
  /** Lines for the user: `✗` what is not carried or would be rejected, `!` what to know. */
  readonly told: readonly string[];
  /** Everything is carried, and everything would be accepted. */
  readonly isWhole: boolean;
}

const standardNamespace = "metallb-system";

/** From text to text: reads, converts, and judges the result as controller and speakers would. */
export function convertText(
  text: string,
  options: { namespace?: string | undefined; say: Say },
): ConvertedText {
  const { say } = options;
  const input = readInput(text);
  if ("code" in input) return { yaml: "", told: [`✗ ${say(input.code, input.values)}`], isWhole: false };
  const namespace = options.namespace ?? input.namespace ?? standardNamespace;
  const { manifests, notes } = convertConfig(input.config, namespace);
  const yaml = manifests.map((manifest) => stringify(manifest, { compat: "yaml-1.1" })).join("---\n");
  const judged = checkManifests([{ file: "converted", text: yaml }]).lines;
  const lost = notes.filter(({ code }) => losses.has(code)).length;
  const rejected = new Set(judged.filter(({ severity }) => severity === "error").map(({ object }) => object));
  return {
    yaml,
    told: [
      ...notes.map(
        ({ path, code, values }) => `${losses.has(code) ? "✗" : "!"} ${path}: ${say(code, values)}`,
      ),
      ...judged.map(({ severity, object, path, message }) => {
        const place = path === "" || message.startsWith(path) ? object : `${object}: ${path}`;
        return `${severity === "error" ? "✗" : "!"} ${place}: ${message}`;
      }),
      say("summary", { objects: manifests.length, lost, rejected: rejected.size }),
    ],
    isWhole: lost === 0 && rejected.size === 0,
  };
}
