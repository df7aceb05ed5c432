import { expect, test } from "bun:test";
import { innerPath, poolPath, servicePath, servicesPath } from "./paths.ts";

test("servicesPath() leaves out what is default", () => {
  expect(servicesPath({})).toBe("/services");
  expect(servicesPath({ search: "a b&c", sort: "age", descending: true, state: "pending", page: 2 })).toBe(
    "/services?search=a+b%26c&state=pending&sort=age&order=descending&page=2",
  );
});

test("paths quote names", () => {
  expect(servicePath("a/b", "<x>?")).toBe("/services/a%2Fb/%3Cx%3E%3F");
  expect(poolPath("a b#c")).toBe("/pools/a%20b%23c");
});

test.each([
  ["/", "/"],
  ["/services?search=10.0.0.1&page=2", "/services?search=10.0.0.1&page=2"],
  ["/layer2#moves", "/layer2#moves"],
  ["//elsewhere.example", "/"],
  ["/\\elsewhere.example", "/"],
  ["https://elsewhere.example/", "/"],
  ["javascript:alert(1)", "/"],
  ["/a\nb", "/"],
  ["", "/"],
])("innerPath(%p): %p", (path, inner) => {
  expect(innerPath(path)).toBe(inner);
});
