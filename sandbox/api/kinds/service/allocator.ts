import {
  type Family,
  familyBits,
  formatAddress,
  formatPrefix,
  type IpAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixContains,
} from "#core/net/mod.ts";

const firstNodePort = 30_000;
const lastNodePort = 32_767;

/** One family's clusterIPs. */
class AddressBlock {
  readonly #used = new Set<string>();
  readonly #size: bigint;
  #next: bigint;

  constructor(readonly prefix: Prefix) {
    this.#size = 1n << BigInt(familyBits(prefix.address.family) - prefix.length);
    // KEP-3070: the lower end is left for addresses that people choose, such as .10 for the cluster's DNS.
    this.#next = reservedLowerEnd(this.#size);
  }

  has(address: IpAddress): boolean {
    return this.#used.has(formatAddress(address));
  }

  /** The next free address in turn, so that a freed one is not given to somebody else at once; undefined when full. */
  pick(): IpAddress | undefined {
    const { family, value } = this.prefix.address;
    for (let tried = 0n; tried < this.#size && this.#used.size < Number(this.#size) - 2; tried++) {
      const offset = (this.#next + tried) % this.#size;
      if (offset === 0n || (offset === this.#size - 1n && family === "ipv4")) continue;
      const address = { family, value: value + offset };
      if (this.has(address)) continue;
      this.#next = offset;
      return address;
    }
    return undefined;
  }

  take(address: IpAddress): void {
    this.#used.add(formatAddress(address));
  }

  release(address: IpAddress): void {
    this.#used.delete(formatAddress(address));
  }
}

function reservedLowerEnd(size: bigint): bigint {
  const wanted = size / 16n;
  return wanted < 16n ? 1n : wanted > 256n ? 256n : wanted;
}

/**
 * ClusterIPs and node ports in use. `pick…` only proposes: what a stored Service holds is taken and given back by
 * {@link take} and {@link release} as Services come and go, so a refused or dry-run request leaves nothing behind.
 */
export class ServiceAllocator {
  readonly #blocks: readonly AddressBlock[];
  readonly #nodePorts = new Map<string, number>();
  #nextNodePort = firstNodePort;

  /** One or two prefixes, `10.96.0.0/12` or `10.96.0.0/12,fd00:96::/108`; the first family is the cluster's primary. */
  constructor(serviceCidr: string) {
    this.#blocks = serviceCidr.split(",").map((text) => {
      const prefix = parsePrefix(text.trim());
      if (prefix === undefined) {
        throw new Error(`serviceCidr: "${text}" is not a prefix such as 10.96.0.0/12`);
      }
      return new AddressBlock(prefix);
    });
  }

  /** Families of the cluster, the primary one first. */
  get families(): Family[] {
    return this.#blocks.map((block) => block.prefix.address.family);
  }

  /** The first address of the range, which is the API server's own. */
  firstAddress(): string {
    const { family, value } = (this.#blocks[0] as AddressBlock).prefix.address;
    return formatAddress({ family, value: value + 1n });
  }

  pickAddress(family: Family): string | undefined {
    const address = this.#block(family)?.pick();
    return address && formatAddress(address);
  }

  /** Why the address cannot be had, in the API server's words. */
  addressProblem(text: string): string | undefined {
    const address = parseAddress(text);
    const block = address && this.#block(address.family);
    if (address === undefined || block === undefined || !prefixContains(block.prefix, address)) {
      const ranges = this.#blocks.map((each) => formatPrefix(each.prefix)).join(", ");
      return `failed to allocate IP ${text}: the provided IP (${text}) is not in the valid range. The range of valid IPs is ${ranges}`;
    }
    return block.has(address) ? `failed to allocate IP ${text}: provided IP is already allocated` : undefined;
  }

  /** A free node port; `taken` are ports that the same request has been given already. Undefined when all are used. */
  pickNodePort(taken: ReadonlySet<number>): number | undefined {
    for (let tried = 0; tried <= lastNodePort - firstNodePort; tried++) {
      const port = this.#nextNodePort;
      this.#nextNodePort = port === lastNodePort ? firstNodePort : port + 1;
      if (!this.#isNodePortUsed(port) && !taken.has(port)) return port;
    }
    return undefined;
  }

  nodePortProblem(port: number, protocol: string): string | undefined {
    if (port < firstNodePort || port > lastNodePort) {
      return `provided port is not in the valid range. The range of valid ports is ${firstNodePort}-${lastNodePort}`;
    }
    return this.#nodePorts.has(`${protocol}/${port}`) ? "provided port is already allocated" : undefined;
  }

  take({ addresses, nodePorts }: Holdings): void {
    for (const text of addresses) this.#withAddress(text, (block, address) => block.take(address));
    for (const key of nodePorts) this.#nodePorts.set(key, (this.#nodePorts.get(key) ?? 0) + 1);
  }

  release({ addresses, nodePorts }: Holdings): void {
    for (const text of addresses) this.#withAddress(text, (block, address) => block.release(address));
    for (const key of nodePorts) {
      const count = (this.#nodePorts.get(key) ?? 0) - 1;
      if (count > 0) this.#nodePorts.set(key, count);
      else this.#nodePorts.delete(key);
    }
  }

  #block(family: Family): AddressBlock | undefined {
    return this.#blocks.find((block) => block.prefix.address.family === family);
  }

  #withAddress(text: string, act: (block: AddressBlock, address: IpAddress) => void): void {
    const address = parseAddress(text);
    const block = address && this.#block(address.family);
    if (address !== undefined && block !== undefined) act(block, address);
  }

  #isNodePortUsed(port: number): boolean {
    return ["TCP", "UDP", "SCTP"].some((protocol) => this.#nodePorts.has(`${protocol}/${port}`));
  }
}

/** What one Service holds: clusterIPs, and node ports as `TCP/30080`. */
export interface Holdings {
  readonly addresses: readonly string[];
  readonly nodePorts: readonly string[];
}
