import { expect, test } from "bun:test";
import { defaultGateways } from "./gateways.ts";

const tables: Record<string, string> = {
  "/proc/net/route": `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0101A8C0	0003	0	0	0	00000000	0	0	0
eth1	00000000	00000000	0001	0	0	0	00000000	0	0	0
eth0	0001A8C0	FE01A8C0	0003	0	0	0	00FFFFFF	0	0	0
`,
  "/proc/net/ipv6_route": `fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000001000000000000000000000001 00000400 00000003 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`,
};

test("defaultGateways() gives the next hops of default routes only, of both families", () => {
  expect(defaultGateways((path) => tables[path] ?? "")).toEqual(["192.168.1.1", "fd00:1::1"]);
});

test("defaultGateways() gives none for tables that are missing or broken", () => {
  expect(defaultGateways(() => "")).toEqual([]);
  expect(defaultGateways(() => "eth0 00000000 zz 0003 0 0 0 00000000\n")).toEqual([]);
});
