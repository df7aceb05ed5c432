import { writeFileSync } from "node:fs";
import { Command } from "commander";

interface Flags {
  kubeconfig?: string;
  namespace: string;
  lbClass: string;
}

/** Long enough for a list of 10,000 Services over a slow line. */
const limitMs = 30_000;

/** `metallb bundle [FILE]`: everything that somebody needs who is to help from afar, in one archive. */
export function bundleCommand(version: string): Command {
  return new Command("bundle")
    .description(
      "collect configuration, Services, status, events and logs for whoever is to help; no Secrets",
    )
    .argument("[file]", "the archive, a .tar.gz", "metallb-bundle.tar.gz")
    .option("--kubeconfig <file>", "credentials; without it $KUBECONFIG or ~/.kube/config")
    .option("--namespace <name>", "namespace of the configuration", "metallb-system")
    .option("--lb-class <class>", "as the controller's flag", "")
    .action(async (file: string, { kubeconfig, namespace, lbClass }: Flags) => {
      const [{ readCluster }, { collect }, { statusText }, { words }, { sayFor }] = await Promise.all([
        import("#controller/mod.ts"),
        import("./bundle/collect.ts"),
        import("./inspect/status_text.ts"),
        import("#server/mod.ts"),
        import("./inspect/texts.ts"),
      ]);
      const reading = await readCluster({
        ...(kubeconfig !== undefined && { kubeconfig }),
        namespace,
        loadBalancerClass: lbClass,
        version,
        limitMs,
      });
      const { files, missing } = await collect(reading.connection);
      const folder = file.replace(/^.*\//, "").replace(/\.(tar\.gz|tgz)$/, "");
      const all = {
        // For whoever reads it, not for whoever sends it: in English.
        "status.txt": `${statusText(reading, words("en"), sayFor({})).text}\n`,
        "overview.json": JSON.stringify(reading.view.overview(), undefined, 2),
        "bundle.json": JSON.stringify(
          { madeAt: new Date().toISOString(), by: `metallb ${version}`, missing },
          undefined,
          2,
        ),
        ...files,
      };
      const named = Object.fromEntries(
        Object.entries(all).map(([path, text]) => [`${folder}/${path}`, text]),
      );
      writeFileSync(file, await new Bun.Archive(named, { compress: "gzip" }).bytes());
      reading.close();
      for (const one of missing) console.error(`left out: ${one}`);
      console.log(
        `${file}: ${Object.keys(all).length} files. Passwords are hidden and Secrets left out; look through it before you send it.`,
      );
      process.exit();
    });
}
