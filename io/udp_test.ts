import { expect, test } from "bun:test";
import { MemoryBlock } from "./memory.ts";
import { isReadable } from "./socket.ts";
import { UdpSocket, udpDestination } from "./udp.ts";

function destination(address: string, port: number) {
  const found = udpDestination(address, port);
  if (!found) throw new Error(`no destination ${address}`);
  return found;
}

const limitMs = 100;

function datagram(text: string) {
  const region = new MemoryBlock(2_048).carve(1_500);
  const { written } = new TextEncoder().encodeInto(text, region.bytes);
  return { region, length: written };
}

test.each(["127.0.0.1", "::1"])("UdpSocket carries datagrams over %s", (address) => {
  const from = new UdpSocket(address, 0);
  const to = new UdpSocket(address, 0);
  const { region, length } = datagram("beat");
  expect(from.send(region, length, destination(address, to.port))).toBe(0);
  const received = datagram("").region;
  expect(isReadable(to.fd, limitMs)).toBeTrue();
  expect(to.receive(received)).toBe(4);
  expect(new TextDecoder().decode(received.bytes.subarray(0, 4))).toBe("beat");
  expect(to.receive(received)).toBe(0);
  from.close();
  to.close();
});

test("UdpSocket loses no datagram to a healthy peer because another refuses its own", () => {
  const from = new UdpSocket("127.0.0.1", 0);
  const healthy = new UdpSocket("127.0.0.1", 0);
  const closed = new UdpSocket("127.0.0.1", 0);
  const toHealthy = destination("127.0.0.1", healthy.port);
  const toClosed = destination("127.0.0.1", closed.port);
  closed.close();
  const { region, length } = datagram("beat");
  const received = datagram("").region;
  let count = 0;
  for (let round = 0; round < 50; round++) {
    from.send(region, length, toClosed);
    from.send(region, length, toHealthy);
    if (isReadable(healthy.fd, limitMs) && healthy.receive(received) === 4) count++;
    from.receive(received);
  }
  expect(count).toBe(50);
  from.close();
  healthy.close();
});

test("UdpSocket binds an address that is not there yet, and says when a port is taken", () => {
  new UdpSocket("192.0.2.77", 0).close();
  const first = new UdpSocket("127.0.0.1", 0);
  expect(() => new UdpSocket("127.0.0.1", first.port)).toThrow(
    `Cannot bind 127.0.0.1:${first.port}: bind: EADDRINUSE`,
  );
  first.close();
});

test("what is no IP address is no destination and cannot be bound", () => {
  expect(udpDestination("node2.example", 7947)).toBeUndefined();
  expect(() => new UdpSocket("node2.example", 7947)).toThrow(
    'Cannot open UDP on "node2.example": it is not an IP address',
  );
});
