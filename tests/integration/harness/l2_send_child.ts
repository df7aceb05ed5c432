/** Sends frames, given as hexadecimal text, from an interface of the namespace that it runs in: `eth0 2 <frame>…`. */
import { MemoryBlock, PacketSocket } from "#io/mod.ts";

const [device = "", index, ...frames] = process.argv.slice(2);
const nothing = Uint8Array.from([6, 0, 0, 0, 0, 0, 0, 0]);
const socket = new PacketSocket(device, Number(index), 0x86dd, nothing);
const region = new MemoryBlock(2_048).carve(2_048);
for (const text of frames) {
  const frame = Buffer.from(text, "hex");
  region.bytes.set(frame);
  const errno = socket.send(region, frame.length);
  if (errno !== 0) throw new Error(`send: errno ${errno}`);
}
socket.close();
