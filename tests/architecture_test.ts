import { describe, expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";

/** Who may import whom: DESIGN's arrows. A room may always import itself. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["cli", "package.json"],
  controller: ["core", "io", "k8s", "server"],
  speaker: ["core", "io", "k8s", "server"],
  sandbox: ["core", "io", "k8s", "server"],
  cli: ["core", "io", "k8s", "server", "controller", "speaker", "sandbox"],
  server: ["core", "public"],
  k8s: ["core"],
  io: ["core"],
  core: [],
};

/** Inside core: bytes and net below, protocols that know no configuration, decisions on top. */
const coreArrows: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  net: ["bytes"],
  reason: [],
  config: ["net", "bytes", "reason"],
  ipam: ["config", "net", "bytes", "reason"],
  service: ["ipam", "config", "net", "bytes", "reason"],
  announce: ["config", "service", "net", "bytes", "reason"],
  l2: ["net", "bytes"],
  bgp: ["net", "bytes"],
  bfd: ["net", "bytes"],
  membership: ["net", "bytes"],
};

/** Words that would bring time, chance, concurrency or the outside into core. */
const forbiddenInCore: readonly [RegExp, string][] = [
  [/\bawait\b|\basync\b|\bPromise\b/, "asynchronous code"],
  [/\bDate\b|\bperformance\./, "the clock"],
  [/\bMath\.random\b|\bcrypto\./, "chance"],
  [/\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/, "timers"],
  [/\bprocess\.|\bBun\.|\bBun\b\s*\(|from "bun|from "node:/, "the platform"],
  [/\bconsole\./, "output"],
  [/\bfetch\s*\(/, "the network"],
];

/** `… from "x"`, `import "x"` and `import("x")`. */
const importPattern =
  /^\s*(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;
const isTypeOnly = /^\s*(import|export)\s+type\b/;

const sources = await loadSources();

describe("architecture", () => {
  test("finds the sources it judges", () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.some((source) => source.imports.some((target) => target.startsWith("core/")))).toBe(true);
  });

  test("rooms import only along the arrows of DESIGN section 2", () => {
    const broken = sources.flatMap((source) => {
      const from = roomOf(source.path);
      const allowed = arrows[from];
      return source.imports
        .filter((target) => roomOf(target) !== from && !allowed?.includes(roomOf(target)))
        .map((target) => `${source.path} imports ${target}`);
    });
    expect(broken).toEqual([]);
  });

  test("inside core, rooms import only what lies below them", () => {
    const broken = sources
      .filter((source) => source.path.startsWith("core/"))
      .flatMap((source) => {
        const from = source.path.split("/")[1] as string;
        return source.imports
          .map((target) => ({ target, to: target.split("/")[1] as string }))
          .filter(
            ({ target, to }) => target.startsWith("core/") && to !== from && !coreArrows[from]?.includes(to),
          )
          .map(({ target }) => `${source.path} imports ${target}`);
      });
    expect(broken).toEqual([]);
  });

  test("across rooms only through a face: mod.ts, or server/ports.ts", () => {
    const faces = /(^|\/)mod\.ts$|^server\/ports\.ts$|^public\//;
    const broken = sources
      .filter((source) => source.path !== "main.ts")
      .flatMap((source) =>
        source.imports
          .filter((target) => faceScope(target) !== faceScope(source.path) && !faces.test(target))
          .map((target) => `${source.path} imports ${target}`),
      );
    expect(broken).toEqual([]);
  });

  test("a speaker, which runs on every node, loads nothing that it never uses", () => {
    const loaded = new Set<string>();
    const load = (target: string): void => {
      if (loaded.has(target)) return;
      loaded.add(target);
      for (const next of sources.find(({ path }) => path === target)?.loads ?? []) load(next);
    };
    for (const path of ["main.ts", "speaker/mod.ts", "speaker/data_plane/worker.ts"]) load(path);
    expect([...loaded]).toContain("core/announce/mod.ts");
    expect([...loaded]).toContain("hono");
    const unused =
      /^(controller|sandbox|server\/(views|i18n|webhooks|live))\/|^@kubernetes\/|^@peculiar\/|^prom-client$/;
    expect([...loaded].filter((target) => unused.test(target))).toEqual([]);
  });

  test("core is deterministic and does no input or output", () => {
    const broken = sources
      .filter((source) => source.path.startsWith("core/"))
      .flatMap((source) =>
        forbiddenInCore
          .filter(([word]) => word.test(source.code))
          .map(([, what]) => `${source.path} uses ${what}`),
      );
    expect(broken).toEqual([]);
  });

  test("core imports nothing from npm", () => {
    const broken = sources.filter((source) => source.path.startsWith("core/") && source.packages.length > 0);
    expect(broken.map((source) => `${source.path} imports ${source.packages}`)).toEqual([]);
  });

  test("a file stays readable: at most 300 lines, tables and type lists apart", () => {
    const tables = /(texts|types|ports|messages|table|tables)\.tsx?$|\/(kinds|i18n|schema|openapi)\//;
    const long = sources.filter((source) => source.lines > 300 && !tables.test(source.path));
    expect(long.map((source) => `${source.path}: ${source.lines} lines`)).toEqual([]);
  });
});

interface Source {
  path: string;
  /** Without comments and strings' contents kept. */
  code: string;
  lines: number;
  /** Repository paths. */
  imports: string[];
  packages: string[];
  /** Of both, what importing the file loads: neither types nor what `import()` loads later. */
  loads: string[];
}

async function loadSources(): Promise<Source[]> {
  const root = join(import.meta.dir, "..");
  const found: Source[] = [];
  const glob = new Bun.Glob("**/*.{ts,tsx}");
  const paths = Object.keys(arrows).flatMap((room) =>
    room === "main.ts" ? [] : [...glob.scanSync({ cwd: join(root, room) })].map((path) => `${room}/${path}`),
  );
  if (await Bun.file(join(root, "main.ts")).exists()) paths.push("main.ts");
  for (const path of paths.sort()) {
    if (/_test\.tsx?$/.test(path)) continue;
    const text = await Bun.file(join(root, path)).text();
    const matches = [...text.matchAll(importPattern)];
    const specifiers = matches.map((match) => (match[1] ?? match[2] ?? match[3]) as string);
    const loads = matches.flatMap((match) => (isTypeOnly.test(match[0]) ? [] : (match[1] ?? match[2] ?? [])));
    found.push({
      path,
      code: text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/.*$/gm, "$1"),
      lines: text.split("\n").length,
      imports: specifiers.filter((name) => /^[.#]/.test(name)).map((name) => resolveSpecifier(path, name)),
      packages: specifiers.filter((name) => !/^[.#]/.test(name)),
      loads: loads.map((name) => (/^[.#]/.test(name) ? resolveSpecifier(path, name) : name)),
    });
  }
  return found;
}

function resolveSpecifier(from: string, specifier: string): string {
  if (specifier.startsWith("#")) return specifier.slice(1);
  return normalize(join(dirname(from), specifier));
}

function roomOf(path: string): string {
  return path.split("/")[0] as string;
}

/** The folder whose files may name one another directly: core/bgp, or a whole edge or driver. */
function faceScope(path: string): string {
  const parts = path.split("/");
  return parts[0] === "core" ? parts.slice(0, 2).join("/") : (parts[0] as string);
}
