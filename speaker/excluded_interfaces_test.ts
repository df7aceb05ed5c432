import { describe, expect, test } from "bun:test";
import { compileExclusions, defaultExcludedInterfaces } from "#core/l2/mod.ts";
import { parseExcludedInterfaces, readExcludedInterfaces } from "./excluded_interfaces.ts";

const path = "/etc/metallb/excludel2.yaml";
const file = (...patterns: string[]) =>
  `announcedInterfacesToExclude:\n${patterns.map((pattern) => `- '${pattern}'\n`).join("")}`;
const excludes = (pattern: string, name: string) =>
  compileExclusions(parseExcludedInterfaces(file(pattern), path))?.test(name) ?? false;

describe("parseExcludedInterfaces()", () => {
  test("reads MetalLB's own ConfigMap unchanged", () => {
    const [first, ...others] = defaultExcludedInterfaces;
    expect(parseExcludedInterfaces(file(first ?? "", ...others), path)).toEqual([
      ...defaultExcludedInterfaces,
    ]);
  });

  test.each([
    ["", []],
    ["announcedInterfacesToExclude:", []],
    ["announcedInterfacesToExclude: []", []],
    ["somethingElse: 1\nannouncedInterfacesToExclude: [eth1]", ["eth1"]],
  ])("%j gives %j", (text, patterns) => {
    expect(parseExcludedInterfaces(text, path)).toEqual(patterns);
  });

  test.each([
    ["^docker.*", "docker0", true],
    ["^docker.*", "mydocker0", false],
    ["th", "eth0", true],
    ["(?i)^ETH", "eth0", true],
    ["^[[:alpha:]]+$", "eth", true],
    ["^[[:alpha:]]+$", "eth0", false],
    ["\\Aeth0\\z", "eth0", true],
    ["\\Aeth0\\z", "eth01", false],
    ["^(?P<kind>cali)", "cali12", true],
  ])("%s on %s: %p, as RE2 has it", (pattern, name, isExcluded) => {
    expect(excludes(pattern, name)).toBe(isExcluded);
  });

  test.each([
    [
      file("^lo$", "eth[0"),
      ["announcedInterfacesToExclude[1]", '"eth[0"', "no regular expression", "^docker.*"],
    ],
    [file("*"), ["announcedInterfacesToExclude[0]", '"*"']],
    [file("\\pN"), ['"\\p" is not understood']],
    [file("[[:^digit:]]"), ["is not understood"]],
    ["announcedInterfacesToExclude: eth0", ["announcedInterfacesToExclude", "a list of regular expressions"]],
    ["announcedInterfacesToExclude: [7]", ["announcedInterfacesToExclude.0"]],
    ["- eth0", ["allowed is"]],
    ["a: [", ["not YAML"]],
  ])("refuses %j and says what is allowed", (text, words) => {
    expect(() => parseExcludedInterfaces(text, path)).toThrow(path);
    for (const word of words) expect(() => parseExcludedInterfaces(text, path)).toThrow(word);
  });
});

describe("readExcludedInterfaces()", () => {
  test("a file that is not there excludes nothing", async () => {
    expect(await readExcludedInterfaces("/nowhere/excludel2.yaml")).toMatchObject({
      patterns: [],
      isThere: false,
    });
  });

  test("a file that cannot be read is an error that names it", () => {
    expect(readExcludedInterfaces("/dev")).rejects.toThrow("cannot read /dev");
  });
});
