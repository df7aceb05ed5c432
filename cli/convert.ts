import { readFileSync } from "node:fs";
import { Command } from "commander";

/** `metallb convert FILE`: custom resources on standard output, whatever is to be said of them on standard error. */
export function convertCommand(): Command {
  return new Command("convert")
    .description("turn MetalLB's ConfigMap from before 0.13 into custom resources")
    .argument("<file>", "the ConfigMap or the configuration in it, YAML or JSON; - for standard input")
    .option("--namespace <name>", "namespace of the objects; without it the ConfigMap's, else metallb-system")
    .action(async (file: string, { namespace }: { namespace?: string }) => {
      const { convertText } = await import("./convert/convert_text.ts");
      const { sayFor } = await import("./convert/texts.ts");
      const text = readFileSync(file === "-" ? 0 : file, "utf8");
      const { yaml, told, isWhole } = convertText(text, { namespace, say: sayFor(process.env) });
      for (const line of told) console.error(line);
      if (yaml !== "") process.stdout.write(yaml);
      process.exitCode = isWhole ? 0 : 1;
    });
}
