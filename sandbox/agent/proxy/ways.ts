/**
 * How traffic is carried to an endpoint. Each way has its own span of packet marks: the mark is the number of the
 * endpoint chosen plus the way's base, so one expression says where to send and whether to masquerade.
 */
export const ways = {
  /** From outside, policy Cluster: the endpoint sees this node as its client. */
  masqueraded: 0x4000,
  /** From outside, policy Local: the endpoint sees the client. */
  kept: 0x8000,
  /** From this node itself. */
  own: 0xc000,
} as const;

export type Way = keyof typeof ways;

/** Endpoints of one front: as many as a span has marks. */
export const endpointsMax = 0x4000;

/** The verdict that spreads over `count` endpoints; refuses where there is none (kube-proxy: no endpoints, reject). */
export function verdictTo(way: Way, count: number, isSticky: boolean): string {
  return count === 0 ? "goto refuse" : `goto ${way}_${count}${isSticky ? "_sticky" : ""}`;
}

/** The chain that a verdict goes to, as commands; undefined for a verdict that goes to none of these. */
export function spreadChain(verdict: string): { name: string; rules: string[] } | undefined {
  const parts = /^goto ((masqueraded|kept|own)_(\d+)(_sticky)?)$/.exec(verdict);
  if (!parts?.[1]) return undefined;
  const base = ways[parts[2] as Way];
  const count = Number(parts[3]);
  const pick = parts[4] ? `jhash ip saddr mod ${count} seed 0` : `numgen random mod ${count}`;
  return {
    name: parts[1],
    rules: [
      // A modulus of one is refused by some kernels, and needs no choice.
      count === 1 ? `meta mark set ${base}` : `meta mark set ${pick} offset ${base}`,
      "meta l4proto { tcp, udp } dnat ip to ip daddr . meta l4proto . th dport . meta mark map @endpoints",
    ],
  };
}
