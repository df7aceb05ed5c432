/**
 * Small programs for where there are no others: the image holds no shell and no tools, yet
 * `kubectl exec POD -- wget -qO- localhost:7472/metrics` and `kubectl exec POD -- ip addr` answer. Ours is found there as
 * `/bin/wget`, `/bin/ip` and `/bin/arp`, and knows by the name it was called what is wanted; `metallb wget …` is the same.
 */
import { basename } from "node:path";
import { Command } from "commander";
import { type AppletName, appletNames } from "#k8s/image/mod.ts";
import type { Applet, Output } from "./output.ts";

const applets: Readonly<Record<AppletName, () => Promise<Applet>>> = {
  arp: async () => (await import("./arp.ts")).arp,
  ip: async () => (await import("./ip.ts")).ip,
  wget: async () => (await import("./wget.ts")).wget,
};

/** The applet that a program of this name is; undefined for any other name, such as our own. */
export function appletCalled(name: string): AppletName | undefined {
  return appletNames.find((each) => each === basename(name));
}

/** Runs it to its end; gives its exit code. */
export async function runApplet(
  name: AppletName,
  args: readonly string[],
  output: Output = standardOutput,
): Promise<number> {
  const applet = await applets[name]();
  try {
    return await applet(args, output);
  } catch (error) {
    output.stderr(`${name}: ${(error as Error).message}\n`);
    return 1;
  }
}

/** Not shown in the help: nobody looks for `wget` there. */
export function appletCommands(): Command[] {
  return appletNames.map((name) =>
    new Command(name)
      .description(`as /bin/${name} in the image`)
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .argument("[args...]")
      .action(async (args: string[]) => process.exit(await runApplet(name, args))),
  );
}

const sink = Bun.stdout.writer();
const standardOutput: Output = {
  async stdout(bytes) {
    sink.write(bytes);
    await sink.flush();
  },
  stderr: (text) => void process.stderr.write(text),
};
