const flagUp = 0x1;
const flagGateway = 0x2;
const flagReject = 0x200;

/**
 * The lines of `ip route` from /proc/net/route (proc(5)): interface, destination, gateway, flags, …, metric, mask; 32-bit
 * words in host byte order, little-endian on every machine this runs on.
 */
export function routesText(table: string, device?: string): string {
  const lines = table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [name = "", destination = "", gateway = "", flags = "", , , metric = "0", mask = ""] = line
        .trim()
        .split(/\s+/);
      const bits = Number.parseInt(flags, 16);
      if (!(bits & flagUp) || bits & flagReject || (device !== undefined && name !== device)) return [];
      const length = bitsOf(mask);
      const target = length === 0 ? "default" : `${dotted(destination)}${length === 32 ? "" : `/${length}`}`;
      const via = bits & flagGateway ? ` via ${dotted(gateway)} dev ${name}` : ` dev ${name} scope link`;
      return [`${target}${via}${metric === "0" ? "" : ` metric ${metric}`}\n`];
    });
  return lines.join("");
}

function dotted(word: string): string {
  return [...Buffer.from(word, "hex")].reverse().join(".");
}

function bitsOf(mask: string): number {
  return Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
}
