import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LinkMonitor } from "./netlink.ts";
import { decodeNetlink, encodeDumpRequest, netlink } from "./netlink_codec.ts";

/** Little-endian fields of the given widths, one after another. */
function fields(...parts: [bytes: 1 | 2 | 4, value: number][]): number[] {
  return parts.flatMap(([bytes, value]) =>
    Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 0xff),
  );
}
const padded = (bytes: number[]) => [...bytes, ...new Array<number>((4 - (bytes.length % 4)) % 4).fill(0)];
const attribute = (type: number, value: number[]) =>
  padded([...fields([2, value.length + 4], [2, type]), ...value]);
function message(type: number, body: number[], { flags = 0, sequence = 0 } = {}): number[] {
  const header = fields([4, body.length + 16], [2, type], [2, flags], [4, sequence], [4, 0]);
  return padded([...header, ...body]);
}
const link = (index: number, flags: number, attributes: number[], family = 0, hardware = 1) => [
  ...fields([1, family], [1, 0], [2, hardware], [4, index], [4, flags], [4, 0]),
  ...attributes,
];
const ascii = (text: string) => [...Buffer.from(`${text}\0`)];
const decode = (...messages: number[][]) => decodeNetlink(Uint8Array.from(messages.flat()));

const mac = attribute(1, [2, 0, 0, 0, 0, 1]);
const eth0 = {
  index: 2,
  name: "eth0",
  mac: "02:00:00:00:00:01",
  isUp: true,
  hasCarrier: true,
  canBroadcast: true,
  isArpOff: false,
};

describe("decodeNetlink()", () => {
  test("reads an interface, its master and its flags", () => {
    const body = (flags: number) => link(2, flags, [...attribute(3, ascii("eth0")), ...mac]);
    const enslaved = link(2, 0x10043, [
      ...attribute(3, ascii("eth0")),
      ...mac,
      ...attribute(10, [9, 0, 0, 0]),
    ]);
    expect(
      decode(message(16, body(0x10043)), message(16, body(0x82)), message(16, enslaved)).map(
        (each) => each.type === "event" && each.event,
      ),
    ).toEqual([
      { type: "link", link: eth0 },
      { type: "link", link: { ...eth0, isUp: false, hasCarrier: false, isArpOff: true } },
      { type: "link", link: { ...eth0, masterIndex: 9 } },
    ]);
  });

  test("gives no MAC to loopback or to a tunnel", () => {
    const lo = link(1, 0x10049, [...attribute(3, ascii("lo")), ...attribute(1, [0, 0, 0, 0, 0, 0])], 0, 772);
    const tunnel = link(3, 0x10081, [...attribute(3, ascii("tunl0")), ...attribute(1, [0, 0, 0, 0])], 0, 768);
    expect(decode(message(16, lo), message(16, tunnel))).toMatchObject([
      { event: { link: { name: "lo", mac: "" } } },
      { event: { link: { name: "tunl0", mac: "" } } },
    ]);
  });

  test("a port that leaves its bridge is not a link that is gone", () => {
    const AF_BRIDGE = 7;
    expect(decode(message(17, link(2, 0, [], AF_BRIDGE)))).toEqual([]);
    expect(decode(message(17, link(2, 0, [])))).toEqual([
      { type: "event", event: { type: "link-gone", index: 2 } },
    ]);
  });

  test("reads addresses that come and go, the near end of a point-to-point link", () => {
    const address = (attributes: number[]) => [
      ...fields([1, 2], [1, 24], [1, 0], [1, 0], [4, 2]),
      ...attributes,
    ];
    const near = attribute(2, [192, 0, 2, 1]);
    const far = attribute(1, [192, 0, 2, 2]);
    const ipv6 = attribute(1, [0x20, 1, 0xd, 0xb8, ...new Array<number>(11).fill(0), 1]);
    expect(
      decode(message(20, address([...far, ...near])), message(21, address(far)), message(20, address(ipv6))),
    ).toEqual([
      { type: "event", event: { type: "address", index: 2, address: "192.0.2.1", prefixLength: 24 } },
      { type: "event", event: { type: "address-gone", index: 2, address: "192.0.2.2" } },
      { type: "event", event: { type: "address", index: 2, address: "2001:db8::1", prefixLength: 24 } },
    ]);
  });

  test("an address is there once it is known to be unique", () => {
    const linkLocal = [0xfe, 0x80, ...new Array<number>(13).fill(0), 1];
    const address = (flags: number) => [
      ...fields([1, 10], [1, 64], [1, flags], [1, 253], [4, 2]),
      ...attribute(1, linkLocal),
    ];
    const types = decode(...[0x80, 0xc0, 0x88, 0x00].map((flags) => message(20, address(flags)))).map(
      (each) => each.type === "event" && each.event.type,
    );
    expect(types).toEqual(["address", "address-gone", "address-gone", "address"]);
  });

  test("tells the end of a dump, its interruption, and errors", () => {
    expect(
      decode(
        message(netlink.NLMSG_DONE, fields([4, 0]), { sequence: 7 }),
        message(netlink.NLMSG_DONE, fields([4, 0]), { sequence: 8, flags: 0x12 }),
        message(netlink.NLMSG_ERROR, fields([4, -13]), { sequence: 9 }),
        message(99, [1, 2, 3]),
      ),
    ).toEqual([
      { type: "done", sequence: 7, isInterrupted: false },
      { type: "done", sequence: 8, isInterrupted: true },
      { type: "error", sequence: 9, errno: 13 },
    ]);
  });

  test("never throws and always ends, whatever the bytes", () => {
    const valid = message(16, link(2, 0x10043, [...attribute(3, ascii("eth0")), ...mac]));
    fc.assert(
      fc.property(
        fc.nat({ max: valid.length - 1 }),
        fc.nat({ max: 255 }),
        fc.nat({ max: valid.length }),
        (at, byte, cut) => {
          decodeNetlink(Uint8Array.from(valid).with(at, byte).subarray(0, cut));
        },
      ),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodeNetlink(bytes)));
  });
});

test("encodeDumpRequest() is a netlink header and a zeroed ifinfomsg", () => {
  expect(Buffer.from(encodeDumpRequest(netlink.RTM_GETLINK, 5)).toString("hex")).toBe(
    `20000000120001030500000000000000${"00".repeat(16)}`,
  );
});

test.skipIf(process.platform !== "linux")("LinkMonitor lists the interfaces of this machine", () => {
  const { monitor, events } = LinkMonitor.open();
  const names = events.flatMap((event) => (event.type === "link" ? [event.link.name] : []));
  expect(names).toContain("lo");
  expect(Array.isArray(monitor.read())).toBeTrue();
  monitor.close();
});
