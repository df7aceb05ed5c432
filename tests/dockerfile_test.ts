/** The Dockerfile, which no test can build here, against what `./run image` makes and the repository has. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runtimeEnvironment } from "../k8s/image/environment.ts";
import { parsePlatforms } from "../k8s/image/platform.ts";
import manifest from "../package.json" with { type: "json" };

const root = join(import.meta.dir, "..");

interface Instruction {
  word: string;
  rest: string;
}

/** Instructions with their continued lines, of each stage. */
function stages(text: string): Instruction[][] {
  const lines = text
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .filter(Boolean);
  const found: Instruction[][] = [];
  for (const line of lines) {
    const [word = "", ...rest] = line.split(" ");
    if (word === "FROM") found.push([]);
    found.at(-1)?.push({ word, rest: rest.join(" ") });
  }
  return found;
}

const [build = [], final = []] = stages(readFileSync(join(root, "Dockerfile"), "utf8"));
const one = (stage: Instruction[], word: string) => {
  const found = stage.filter((instruction) => instruction.word === word);
  expect([word, found.length]).toEqual([word, 1]);
  return found[0]?.rest ?? "";
};
const ignored = readFileSync(join(root, ".dockerignore"), "utf8").trim().split("\n");

describe("the Dockerfile", () => {
  test("ends in a stage of its own without a shell, as nobody", () => {
    expect(final.map(({ word }) => word)).not.toContain("RUN");
    expect(one(final, "FROM")).toBe("scratch");
    expect(one(final, "USER")).toBe("65534:65534");
    expect(JSON.parse(one(final, "ENTRYPOINT"))).toEqual(["/usr/bin/metallb"]);
  });

  test("copies what the first stage lays out", () => {
    const command = build.findLast(({ word }) => word === "RUN")?.rest ?? "";
    const directory = /--root (\S+)/.exec(command)?.[1];
    expect(directory).toBeDefined();
    expect(one(final, "COPY")).toBe(`--from=build ${directory} /`);
    expect(one(build, "FROM")).toContain("--platform=$BUILDPLATFORM");
    expect(one(build, "ARG")).toBe("TARGETARCH");
    // What buildx puts in for TARGETARCH are names that --platform takes.
    for (const architecture of ["amd64", "arm64"])
      expect(parsePlatforms(`linux/${architecture}`)[0]?.architecture).toBe(architecture as "amd64");
    expect(command).toContain(`./run image --platform "linux/\${TARGETARCH}"`);
  });

  test("says of runtime and version what the archive says", () => {
    const variables = Object.entries(runtimeEnvironment).map(([name, value]) => `${name}=${value}`);
    expect(one(final, "ENV")).toBe(variables.join(" "));
    expect(one(final, "LABEL")).toContain(`org.opencontainers.image.version="${manifest.version}"`);
  });

  test("sends all that is built and nothing that is made", () => {
    for (const path of ["run", "package.json", "bun.lock", "main.ts", "k8s/image/build.ts"]) {
      expect(existsSync(join(root, path))).toBe(true);
      expect(ignored.some((pattern) => path.startsWith(pattern))).toBe(false);
    }
    expect(ignored).toEqual(expect.arrayContaining(["node_modules", ".tools", ".git"]));
  });
});
