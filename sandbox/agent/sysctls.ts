import { readdirSync, writeFileSync } from "node:fs";

const root = "/proc/sys/net/ipv4";

/**
 * Makes a router of this namespace, as a Kubernetes node is one. Reverse path filtering is off because a masqueraded
 * reply may come by another way than the request. ICMP redirects are off because node and endpoint share the LAN: a
 * redirect would send the client past the node that announces the address.
 */
export function makeRouter(): void {
  write("ip_forward", 1);
  for (const name of readdirSync(`${root}/conf`)) {
    write(`conf/${name}/rp_filter`, 0);
    write(`conf/${name}/send_redirects`, 0);
  }
}

function write(name: string, value: number): void {
  try {
    writeFileSync(`${root}/${name}`, String(value));
  } catch (cause) {
    throw new Error(`Cannot set net.ipv4.${name.replaceAll("/", ".")} to ${value}`, { cause });
  }
}
