import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeArp, encodeNdp, type NdpFrame } from "#core/l2/mod.ts";
import { addressToBytes, type IpAddress } from "#core/net/mod.ts";
import { arpFilter, filteredAddressesMax } from "./arp_filter.ts";
import { assemble, bpfStepsMax } from "./bpf.ts";
import { filteredIpv6AddressesMax, ndpFilter } from "./ndp_filter.ts";

/** What the kernel does with a program, for the opcodes in use; `ancillary` is what SKF_AD_* offsets give. */
function run(program: Uint8Array, packet: Uint8Array, ancillary: Record<number, number> = {}): number {
  const code = new DataView(program.buffer);
  const data = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const k = code.getUint32(at * 8 + 4, true);
    const opcode = code.getUint16(at * 8, true);
    if (opcode === 0x06) return k;
    if (opcode === 0x05) at += k;
    else if (opcode === 0x15) at += code.getUint8(at * 8 + (accumulator === k ? 2 : 3));
    else if (opcode === 0x35) at += code.getUint8(at * 8 + (accumulator >= k ? 2 : 3));
    else {
      const size = { 48: 1, 40: 2, 32: 4 }[opcode];
      if (size === undefined) throw new Error(`opcode ${opcode}`);
      if (k >= 0xfffff000) accumulator = ancillary[k - 0xfffff000] ?? 0;
      else if (k + size > packet.length) return 0;
      else accumulator = size === 1 ? data.getUint8(k) : size === 2 ? data.getUint16(k) : data.getUint32(k);
    }
  }
}

describe("assemble()", () => {
  test("encodes a program as the kernel's sock_filter array", () => {
    const program = assemble([
      { load: 2, at: 12 },
      { ifEqual: 0x0806, otherwise: "drop" },
      { keep: 0xffff },
      { label: "drop" },
      { keep: 0 },
    ]);
    expect(Buffer.from(program).toString("hex")).toBe(
      "280000000c000000" + "1500000106080000" + "06000000ffff0000" + "0600000000000000",
    );
  });

  test.each([
    ["a label that is nowhere", [{ goto: "x" }]],
    ["a jump back", [{ label: "x" }, { keep: 0 }, { goto: "x" }]],
    [
      "a conditional jump over 256 steps",
      [{ ifEqual: 1, matched: "x" }, ...Array.from({ length: 256 }, () => ({ keep: 0 })), { label: "x" }],
    ],
    ["too many steps", Array.from({ length: bpfStepsMax + 1 }, () => ({ keep: 0 }))],
  ])("refuses %s", (_, steps) => expect(() => assemble(steps)).toThrow(RangeError));
});

describe("arpFilter()", () => {
  const frame = (operation: number, senderAddress: number, targetAddress: number) =>
    encodeArp({
      destination: "ff:ff:ff:ff:ff:ff",
      source: "02:00:00:00:00:01",
      operation,
      senderMac: "02:00:00:00:00:01",
      senderAddress,
      targetMac: "00:00:00:00:00:00",
      targetAddress,
      trailer: new Uint8Array(0),
    });
  const passes = (program: Uint8Array, packet: Uint8Array, packetType = 1, index = 7) =>
    run(program, packet, { 4: packetType, 8: index }) > 0;

  test("lets through requests for an address and any frame that speaks as one, and nothing else", () => {
    const address = fc.integer({ min: 0, max: 600 });
    fc.assert(
      fc.property(
        fc.uniqueArray(address, { maxLength: 500 }),
        fc.integer({ min: 0, max: 3 }),
        address,
        address,
        (addresses, operation, sender, target) => {
          const wanted = addresses.includes(sender) || (operation === 1 && addresses.includes(target));
          expect(passes(arpFilter(7, addresses), frame(operation, sender, target))).toBe(wanted);
        },
      ),
    );
  });

  test("drops frames for another host, of another interface, of another EtherType and short ones", () => {
    const program = arpFilter(7, [1]);
    const request = frame(1, 2, 1);
    expect(passes(program, request)).toBeTrue();
    expect(passes(program, request, 3)).toBeFalse();
    expect(passes(program, request, 1, 8)).toBeFalse();
    expect(passes(program, request.with(12, 0x86))).toBeFalse();
    expect(passes(program, request.subarray(0, 40))).toBeFalse();
  });

  test("fits the kernel at its limit, and beyond it lets all ARP through", () => {
    const addresses = Array.from({ length: filteredAddressesMax + 1 }, (_, index) => index + 1);
    const atLimit = arpFilter(7, addresses.slice(1));
    expect(atLimit.length / 8).toBeLessThanOrEqual(bpfStepsMax);
    expect(passes(atLimit, frame(1, 0, filteredAddressesMax + 1))).toBeTrue();
    expect(passes(atLimit, frame(2, filteredAddressesMax + 1, 0))).toBeTrue();
    expect(passes(atLimit, frame(1, 0, 1))).toBeFalse();
    expect(passes(arpFilter(7, addresses), frame(1, 0, 99_999))).toBeTrue();
    expect(passes(arpFilter(7, addresses), frame(1, 0, 99_999), 3)).toBeFalse();
  });
});

describe("ndpFilter()", () => {
  const ipv6 = (prefix: number, ending: number): IpAddress => ({
    family: "ipv6",
    value: (0xfd00n << 112n) | (BigInt(prefix) << 64n) | BigInt(ending),
  });
  const frame = (target: IpAddress, type: NdpFrame["type"] = 135) =>
    encodeNdp({
      destination: "33:33:ff:00:00:01",
      source: "02:00:00:00:00:01",
      trafficClassAndFlow: 0,
      sourceAddress: ipv6(0, 99),
      destinationAddress: ipv6(0, 98),
      type,
      flags: 0,
      target,
      options: [],
      trailer: new Uint8Array(0),
    });
  const passes = (program: Uint8Array, packet: Uint8Array, packetType = 2, index = 7) =>
    run(program, packet, { 4: packetType, 8: index }) > 0;
  const filter = (...addresses: IpAddress[]) => ndpFilter(7, addresses.map(addressToBytes));

  test("lets through questions for an address and answers that speak as one, and nothing else", () => {
    const address = fc.tuple(fc.nat({ max: 15 }), fc.nat({ max: 100 }));
    fc.assert(
      fc.property(
        fc.uniqueArray(address, { maxLength: 300, comparator: "SameValue", selector: String }),
        address,
        fc.constantFrom<NdpFrame["type"][]>(135, 136),
        (addresses, target, type) => {
          const program = filter(...addresses.map(([prefix, ending]) => ipv6(prefix, ending)));
          const hasPrefix = addresses.some(([prefix]) => prefix === target[0]);
          const hasEnding = addresses.some(([, ending]) => ending === target[1]);
          expect(passes(program, frame(ipv6(...target), type))).toBe(hasPrefix && hasEnding);
        },
      ),
    );
  });

  test("drops what comes from beyond the link, other protocols and types, other hosts' and short frames", () => {
    const program = filter(ipv6(1, 1));
    const question = frame(ipv6(1, 1));
    expect(passes(program, question)).toBeTrue();
    expect(passes(program, question, 3)).toBeFalse();
    expect(passes(program, question, 2, 8)).toBeFalse();
    for (const [at, byte] of [
      [12, 0x08],
      [20, 17],
      [21, 254],
      [54, 128],
      [77, 2],
      [62, 0xfe],
    ] as const)
      expect(passes(program, question.with(at, byte))).toBeFalse();
    expect(passes(program, question.subarray(0, 77))).toBeFalse();
    expect(passes(filter(), question)).toBeFalse();
  });

  test("fits the kernel at its limit, whatever the prefixes, and beyond it lets all NDP through", () => {
    const addresses = Array.from({ length: filteredIpv6AddressesMax + 1 }, (_, i) => ipv6(i % 16, i + 1));
    const atLimit = filter(...addresses.slice(1));
    expect(atLimit.length / 8).toBeLessThanOrEqual(bpfStepsMax);
    expect(passes(atLimit, frame(addresses.at(-1) as IpAddress))).toBeTrue();
    expect(passes(atLimit, frame(ipv6(16, 9)))).toBeFalse();
    expect(passes(filter(...addresses), frame(ipv6(99, 99_999)))).toBeTrue();
    const many = filter(...Array.from({ length: 17 }, (_, i) => ipv6(i, i)));
    expect(passes(many, frame(ipv6(99, 16)))).toBeTrue();
    expect(passes(many, frame(ipv6(0, 17)))).toBeFalse();
  });
});
