import { readFileSync } from "node:fs";
import { join } from "node:path";

/** `name: [name@version, registry, { dependencies }, integrity]` of bun.lock, which is JSON with trailing commas. */
type LockedPackage = [string, string?, { dependencies?: Record<string, string> }?, string?];

interface Lock {
  packages: Record<string, LockedPackage>;
}

/**
 * What is in the program, as CycloneDX 1.6: every locked npm package that its `dependencies` lead to, and the runtime.
 * Packages that only build or test it are not in it and are not listed.
 */
export function softwareBillOfMaterials(projectRoot: string, version: string, created: Date): object {
  const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
  const text = readFileSync(join(projectRoot, "bun.lock"), "utf8");
  const lock = JSON.parse(text.replace(/,(?=\s*[}\]])/g, "")) as Lock;
  const components = [
    {
      type: "platform",
      name: "bun",
      version: manifest.engines.bun,
      purl: `pkg:npm/bun@${manifest.engines.bun}`,
    },
    ...reached(lock, Object.keys(manifest.dependencies)).map(({ name, version, integrity }) => ({
      type: "library",
      name,
      version,
      purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
      ...(integrity?.startsWith("sha512-") && {
        hashes: [{ alg: "SHA-512", content: Buffer.from(integrity.slice(7), "base64").toString("hex") }],
      }),
    })),
  ];
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: created.toISOString(),
      component: {
        type: "application",
        name: "metallb-ts",
        version,
        licenses: [{ license: { id: manifest.license } }],
      },
    },
    components,
  };
}

/** A package may be locked under another's name where versions differ: `parent/name`. */
function reached({ packages }: Lock, roots: readonly string[]) {
  const found = new Map<string, { name: string; version: string; integrity: string | undefined }>();
  const visit = (name: string, parent: string): void => {
    const key = packages[`${parent}/${name}`] ? `${parent}/${name}` : name;
    const locked = packages[key];
    if (!locked || found.has(key)) return;
    const [id, , meta, integrity] = locked;
    const at = id.lastIndexOf("@");
    found.set(key, { name: id.slice(0, at), version: id.slice(at + 1), integrity });
    for (const dependency of Object.keys(meta?.dependencies ?? {})) visit(dependency, key);
  };
  for (const root of roots) visit(root, "");
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
