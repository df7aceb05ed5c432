import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { renamed } from "./names.ts";

describe("renamed()", () => {
  // The first four are what MetalLB's configmaptocrs makes of these names.
  test.each([
    ["01-numbered-addresspool", "numbered-addresspool"],
    ["Capitalized-AddressPool", "capitalized-addresspool"],
    ["underscored_bfd_profile", "underscored-bfd-profile"],
    [
      "tooLongBFDProfileName01-tooLongBFDProfileName02-tooLongBFDProfileName03-tooLongBFDProfileName04",
      "toolongbfdprofilename01-toolongbfdprofilename02-toolongbfdprofi",
    ],
    ["a", "a"],
    ["pool.one", "pool-one"],
    ["Ends-", "ends"],
    ["10", "pool1"],
  ])("makes of %s %s", (old, name) => {
    expect(renamed([old], "pool").get(old)).toBe(name);
  });

  test("keeps who has the name already, and numbers the others", () => {
    expect([...renamed(["My_Pool", "my-pool", "MY-POOL"], "pool").values()]).toEqual([
      "my-pool-2",
      "my-pool",
      "my-pool-3",
    ]);
  });

  test("gives each its own name, and only names that Kubernetes takes (RFC 1123 label)", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ maxLength: 70, unit: "grapheme" }), { maxLength: 8 }), (old) => {
        const names = [...renamed(old, "pool").values()];
        expect(new Set(names).size).toBe(old.length);
        for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      }),
    );
  });
});
