import { expect, test } from "bun:test";
import { compareVersions } from "./mod.ts";

test("compareVersions() puts the version that clients should prefer first", () => {
  const versions = ["v1alpha1", "foo1", "v10", "v2", "v11beta2", "v1beta1", "v1", "v2beta1", "foo10"];
  // The example of kubernetes.io, "Versions in CustomResourceDefinitions", Version priority.
  expect(versions.toSorted(compareVersions)).toEqual([
    "v10",
    "v2",
    "v1",
    "v11beta2",
    "v2beta1",
    "v1beta1",
    "v1alpha1",
    "foo1",
    "foo10",
  ]);
});
