import { expect, test } from "bun:test";
import { decodeArp, decodeNdp, encodeArp, encodeNdp, ndpOptionType, ndpType } from "#core/l2/mod.ts";
import { type IpAddress, parseAddress } from "#core/net/mod.ts";
import { questionFor } from "./questions.ts";

const link = {
  name: "eth0",
  index: 3,
  mac: "02:00:00:00:00:01",
  addresses: ["10.0.0.5", "fd00::5", "fe80::5"],
};
const gatewayMac = "02:00:00:00:00:fe";
const address = (text: string) => parseAddress(text) as IpAddress;

test("questionFor() an IPv4 gateway is an ARP request for it, and its reply is the answer", () => {
  const question = questionFor("10.0.0.1", link);
  const asked = decodeArp(question?.frame ?? new Uint8Array(0));
  expect(asked).toMatchObject({
    destination: "ff:ff:ff:ff:ff:ff",
    operation: 1,
    senderMac: link.mac,
    senderAddress: 0x0a000005,
    targetAddress: 0x0a000001,
  });
  const reply = (senderAddress: number, senderMac = gatewayMac) =>
    encodeArp({
      destination: link.mac,
      source: senderMac,
      operation: 2,
      senderMac,
      senderAddress,
      targetMac: link.mac,
      targetAddress: 0x0a000005,
      trailer: new Uint8Array(18),
    });
  expect(question?.isAnswer(reply(0x0a000001))).toBe(true);
  expect(question?.isAnswer(reply(0x0a000002))).toBe(false);
  expect(question?.isAnswer(reply(0x0a000001, link.mac))).toBe(false);
  expect(question?.isAnswer(question.frame)).toBe(false);
  expect(question?.isAnswer(new Uint8Array(10))).toBe(false);
});

test("questionFor() an IPv6 gateway is a solicitation to its group, from the link-local address", () => {
  const question = questionFor("fe80::1", link);
  expect(decodeNdp(question?.frame ?? new Uint8Array(0))).toMatchObject({
    destination: "33:33:ff:00:00:01",
    sourceAddress: address("fe80::5"),
    destinationAddress: address("ff02::1:ff00:1"),
    type: ndpType.solicitation,
    target: address("fe80::1"),
    options: [{ type: ndpOptionType.sourceLinkLayer }],
  });
  const advertisement = (target: string) =>
    encodeNdp({
      destination: link.mac,
      source: gatewayMac,
      trafficClassAndFlow: 0,
      sourceAddress: address("fe80::1"),
      destinationAddress: address("fe80::5"),
      type: ndpType.advertisement,
      flags: 0xe0000000,
      target: address(target),
      options: [],
      trailer: new Uint8Array(0),
    });
  expect(question?.isAnswer(advertisement("fe80::1"))).toBe(true);
  expect(question?.isAnswer(advertisement("fe80::2"))).toBe(false);
});

test("questionFor() is nothing where there is no address to ask from, or none to ask for", () => {
  expect(questionFor("10.0.0.1", { ...link, addresses: ["fe80::5"] })).toBeUndefined();
  expect(questionFor("fe80::1", { ...link, addresses: ["10.0.0.5"] })).toBeUndefined();
  expect(questionFor("gateway", link)).toBeUndefined();
});
