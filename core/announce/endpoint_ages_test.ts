import { expect, test } from "bun:test";
import type { EndpointView } from "#core/service/mod.ts";
import { EndpointAges } from "./endpoint_ages.ts";

const on = (...nodes: string[]): EndpointView[] =>
  nodes.map((nodeName) => ({ addresses: ["10.244.0.2"], nodeName, canServe: true }));
const young = (ages: EndpointAges, service = "a") => [...(ages.of(service) ?? [])];

test("what is there at the start is old, and what comes later counts from the decision that saw it first", () => {
  const ages = new EndpointAges();
  ages.setDelays([5_000, 0]);
  ages.changed("a", [], on("node1"));
  expect([...ages.advance(1_000)]).toEqual([]);
  expect([young(ages), ages.next]).toEqual([[], undefined]);
  ages.changed("a", on("node1"), on("node1", "node2"));
  ages.advance(2_000);
  expect([young(ages), ages.next]).toEqual([[["node2", 2_000]], 7_000]);
  expect([...ages.advance(6_999)]).toEqual([]);
  expect([...ages.advance(7_000)]).toEqual(["a"]);
  expect(ages.next).toBeUndefined();
  ages.advance(62_000);
  expect(young(ages)).toEqual([]);
});

test("an endpoint that cannot serve is none, and one that goes before it was seen leaves nothing", () => {
  const ages = new EndpointAges();
  ages.advance(0);
  ages.changed("a", [], [{ addresses: ["10.244.0.2"], nodeName: "node1", canServe: false }]);
  ages.changed("a", [], on("node2"));
  ages.changed("a", on("node2"), []);
  ages.advance(1_000);
  expect(young(ages)).toEqual([]);
});

test("a clock that is set back makes everything old, and touches what was young", () => {
  const ages = new EndpointAges();
  ages.setDelays([60_000]);
  ages.advance(100_000);
  ages.changed("a", [], on("node1"));
  ages.advance(101_000);
  expect([...ages.advance(50_000)]).toEqual(["a"]);
  expect([young(ages), ages.next]).toEqual([[], undefined]);
});
