import { type Neighbour, readNeighbours } from "./neighbours.ts";
import { type Applet, UsageError } from "./output.ts";

/** `arp -a`: the neighbours that the kernel knows by IPv4. */
export const arp: Applet = async (args, output) => {
  const unknown = args.find((word) => !/^-[an]+$/.test(word));
  if (unknown !== undefined) throw new UsageError(`"${unknown}" is not understood\nUsage: arp [-an]`);
  await output.stdout(readNeighbours().map(line).join(""));
  return 0;
};

/** As BusyBox and net-tools write it with -a; names are not looked up. */
function line({ address, mac, device, isComplete }: Neighbour): string {
  return `? (${address}) at ${isComplete ? `${mac} [ether]` : "<incomplete>"} on ${device}\n`;
}
