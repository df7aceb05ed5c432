/** What images are made for, as OCI, Bun and npm call it. */
export interface Platform {
  /** OCI and Debian. */
  architecture: "amd64" | "arm64";
  /** `bun build --compile --target=…`. */
  bunTarget: string;
  /** The npm package with Bun's binary. */
  bunPackage: string;
  /** The directory of Debian's libraries. */
  libraries: string;
  /** The dynamic linker, by the name that programs ask for. */
  linker: string;
}

const platforms: readonly Platform[] = [
  {
    architecture: "amd64",
    bunTarget: "bun-linux-x64",
    bunPackage: "@oven/bun-linux-x64",
    libraries: "/lib/x86_64-linux-gnu",
    linker: "/lib64/ld-linux-x86-64.so.2",
  },
  {
    architecture: "arm64",
    bunTarget: "bun-linux-arm64",
    bunPackage: "@oven/bun-linux-aarch64",
    libraries: "/lib/aarch64-linux-gnu",
    linker: "/lib/ld-linux-aarch64.so.1",
  },
];

const ownArchitecture = process.arch === "arm64" ? "arm64" : "amd64";

export function isOwn({ architecture }: Platform): boolean {
  return architecture === ownArchitecture;
}

/** `linux/amd64,linux/arm64`, or undefined for this machine's own. Throws with what is allowed. */
export function parsePlatforms(text = `linux/${ownArchitecture}`): Platform[] {
  const names = platforms.map(({ architecture }) => `linux/${architecture}`);
  return [...new Set(text.split(","))].map((name) => {
    const found = platforms[names.indexOf(name.trim())];
    if (!found)
      throw new Error(`--platform is "${name}"; allowed are ${names.join(" and ")}, separated by commas`);
    return found;
  });
}
