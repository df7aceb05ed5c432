import { describe, expect, test } from "bun:test";
import { none, object } from "./fixtures.ts";
import { parseConfig } from "./mod.ts";

describe("parseConfig() of communities", () => {
  const community = (name: string, day: number, ...communities: unknown[]) =>
    object("Community", name, { communities }, day);

  test("rejects a younger object that defines an alias again, and keeps the older", () => {
    const { config, issues } = parseConfig({
      ...none,
      communities: [
        community("a", 2, { name: "x", value: "1:2" }),
        community("b", 1, { name: "x", value: "1:1" }),
      ],
      bgpAdvertisements: [object("BGPAdvertisement", "ad", { communities: ["x"] })],
    });
    expect(config.bgpAdvertisements[0]?.communities).toEqual(["1:1"]);
    expect(issues).toMatchObject([
      { name: "a", path: "spec.communities[0].name", code: "community.duplicate" },
    ]);
  });

  test.each([
    [
      "an alias twice",
      [
        { name: "x", value: "1:1" },
        { name: "x", value: "1:2" },
      ],
      "spec.communities[1].name",
    ],
    ["no name", [{ value: "1:1" }], "spec.communities[0].name"],
    ["no value", [{ name: "x" }], "spec.communities[0].value"],
    ["a bad value", [{ name: "x", value: "99999999:1" }], "spec.communities[0].value"],
    ["a bad marker", [{ name: "x", value: "lar:123:9999:123" }], "spec.communities[0].value"],
    ["a bad large value", [{ name: "x", value: "large:123:9999:4294967296" }], "spec.communities[0].value"],
  ])("rejects %s", (_, communities, path) => {
    const { issues } = parseConfig({ ...none, communities: [community("a", 1, ...communities)] });
    expect(issues.map((issue) => issue.path)).toEqual([path]);
  });
});
