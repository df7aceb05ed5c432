import { expect, test } from "bun:test";
import { formatAddress } from "#core/net/mod.ts";
import { interfaceAddresses, ipv6Addresses } from "./interface_addresses.ts";

test("ipv6Addresses() puts what was set first, what was advertised next, what ends last, and leaves out what is not ours", () => {
  const text = `
00000000000000000000000000000001 01 80 10 80       lo
fd990000000000000000000000000009 02 40 00 00     eth0
fd99000000000000bc7454fffe76d307 02 40 00 00     eth0
fd990000000000000000000000000001 02 40 00 01     eth0
fd990000000000000000000000000002 02 40 00 a0     eth0
fd990000000000000000000000000003 02 40 00 c0     eth0
fd990000000000000000000000000004 02 40 00 88     eth0
fd9900000000000000000000000000ff 02 40 00 80     eth0
fe80000000000000bc7454fffe76d307 02 40 20 80     eth0
`;
  const words = ipv6Addresses(text).map(({ device, address }) => `${device} ${formatAddress(address)}`);
  expect(words).toEqual([
    "lo ::1",
    "eth0 fd99::ff",
    "eth0 fe80::bc74:54ff:fe76:d307",
    "eth0 fd99::9",
    "eth0 fd99::bc74:54ff:fe76:d307",
    "eth0 fd99::1",
    "eth0 fd99::2",
  ]);
  expect(ipv6Addresses("")).toEqual([]);
});

test("interfaceAddresses() knows loopback", () => {
  const words = interfaceAddresses().map(({ device, address }) => `${device} ${formatAddress(address)}`);
  expect(words).toContain("lo 127.0.0.1");
});
