import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeArp, encodeNdp, type NdpFrame } from "#core/l2/mod.ts";
import { addressToBytes, type IpAddress } from "#core/net/mod.ts";
import { arpFilter } from "./arp_filter.ts";
import { assemble, bpfStepsMax } from "./bpf.ts";
import { runBpf } from "./bpf_machine.ts";
import { ndpFilter } from "./ndp_filter.ts";

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
    runBpf(program, packet, { 4: packetType, 8: index }) > 0;

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

  test("10,000 of a pool of 30,000 in a row are told from the others, by what is asked and who asks apart", () => {
    // What an election over three nodes gives one of them: every third, or thereabouts.
    const isOwned = (index: number) => (index * 2_654_435_761) % 4_294_967_296 < 4_294_967_296 / 3;
    const pool = Array.from({ length: 30_000 }, (_, index) => 0x0a000000 + index);
    const owned = pool.filter((_, index) => isOwned(index));
    expect(owned.length).toBeGreaterThan(9_500);
    const program = arpFilter(7, owned);
    expect(program.length / 8).toBeLessThanOrEqual(bpfStepsMax);
    const isWoken = (operation: number, sender: number, target: number) =>
      passes(program, frame(operation, sender, target));
    for (const [index, address] of pool.entries()) {
      if (index % 7 > 0) continue;
      expect(isWoken(1, 0x0b000001, address)).toBe(isOwned(index));
      if (isOwned(index)) expect(isWoken(2, address, 0x0b000001)).toBeTrue();
    }
    expect(isWoken(1, 0x0b000001, 0x09ffffff)).toBeFalse();
    expect(isWoken(1, 0x0b000001, 0x0a000000 + 31_000)).toBeFalse();
    expect(isWoken(2, 0x0b000001, 0x0b000002)).toBeFalse();
  });

  test("however the addresses lie, the program fits the kernel and lets every one of them through", () => {
    for (const stride of [1, 3, 64, 1_024, 429_496]) {
      const addresses = Array.from({ length: 10_000 }, (_, index) => (index * stride) % 4_294_967_296);
      const program = arpFilter(7, addresses);
      expect(program.length / 8).toBeLessThanOrEqual(bpfStepsMax);
      for (let index = 0; index < addresses.length; index += 97) {
        expect(passes(program, frame(1, 0xe0000001, addresses[index] ?? 0))).toBeTrue();
        expect(passes(program, frame(2, addresses[index] ?? 0, 0xe0000001))).toBeTrue();
      }
    }
  });

  test.each([[[0]], [[0xffffffff]], [[0, 0xffffffff]], [[0x7fffffff, 0x80000000]]])(
    "knows the addresses %p from their neighbours",
    (addresses) => {
      const program = arpFilter(7, addresses);
      for (const address of addresses)
        for (const near of [address - 1, address, address + 1, address ^ 0x80000000]) {
          const number = near >>> 0;
          expect(passes(program, frame(1, 5, number))).toBe(addresses.includes(number));
        }
    },
  );
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
    runBpf(program, packet, { 4: packetType, 8: index }) > 0;
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

  test("fits the kernel with 10,000 addresses, and tells them from others whatever the prefixes", () => {
    const addresses = Array.from({ length: 10_000 }, (_, i) => ipv6(i % 16, 3 * i + 1));
    const program = filter(...addresses);
    expect(program.length / 8).toBeLessThanOrEqual(bpfStepsMax);
    for (let index = 0; index < addresses.length; index += 97)
      expect(passes(program, frame(addresses[index] as IpAddress))).toBeTrue();
    expect(passes(program, frame(ipv6(16, 1)))).toBeFalse();
    expect(passes(program, frame(ipv6(1, 2)))).toBeFalse();
    const many = filter(...Array.from({ length: 17 }, (_, i) => ipv6(i, i)));
    expect(passes(many, frame(ipv6(99, 16)))).toBeTrue();
    expect(passes(many, frame(ipv6(0, 17)))).toBeFalse();
  });
});
