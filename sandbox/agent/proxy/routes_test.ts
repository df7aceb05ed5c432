import { expect, test } from "bun:test";
import { parseRoutes, routeCommands, routesOf } from "./routes.ts";

const node = (number: number) => ({
  name: `node${number}`,
  address: `192.168.1.1${number}`,
  podCidr: `10.244.${number}.0/24`,
});

test("routesOf() sends other nodes' pods by their nodes and ends its own range here", () => {
  const unknown = { name: "node4", address: "", podCidr: "" };
  expect(routesOf(node(1), [node(1), node(2), node(3), unknown])).toEqual([
    { destination: "10.244.2.0/24", via: "192.168.1.12" },
    { destination: "10.244.3.0/24", via: "192.168.1.13" },
    { destination: "10.244.1.0/24" },
  ]);
});

test("routeCommands() writes only what differs", () => {
  const present = routesOf(node(1), [node(2), node(3)]);
  expect(routeCommands(present, present)).toEqual([]);
  const moved = { ...node(2), address: "192.168.1.77" };
  expect(routeCommands(present, routesOf(node(1), [moved]))).toEqual([
    "route del 10.244.2.0/24 via 192.168.1.12 proto 155",
    "route del 10.244.3.0/24 via 192.168.1.13 proto 155",
    "route replace 10.244.2.0/24 via 192.168.1.77 proto 155",
  ]);
});

test("parseRoutes() reads what `ip -j route` writes", () => {
  const json = `[{"type":"unreachable","dst":"10.244.1.0/24","protocol":"155","flags":[]},
    {"dst":"10.244.2.0/24","gateway":"192.168.1.12","dev":"eth0","flags":[]}]`;
  expect(parseRoutes(json)).toEqual([
    { destination: "10.244.1.0/24", via: undefined },
    { destination: "10.244.2.0/24", via: "192.168.1.12" },
  ]);
  expect(parseRoutes("")).toEqual([]);
});
