/** memberlist's knobs as MetalLB sets them; each stands with its formula in docs/membership.md. */
export interface MemberlistSettings {
  /** A connection that takes longer is given up. */
  tcpTimeoutMs: number;
  /** How many others are asked to probe who did not answer. */
  indirectChecks: number;
  retransmitMult: number;
  suspicionMult: number;
  suspicionMaxTimeoutMult: number;
  /** 0: no periodic exchange of full states. */
  pushPullIntervalMs: number;
  probeTimeoutMs: number;
  probeIntervalMs: number;
  disableTcpPings: boolean;
  /** The health score stays below it. */
  awarenessMaxMultiplier: number;
  gossipNodes: number;
  gossipIntervalMs: number;
  /** The dead hear of it for so long, then they are forgotten. */
  gossipToTheDeadTimeMs: number;
  gossipVerifyIncoming: boolean;
  gossipVerifyOutgoing: boolean;
  enableCompression: boolean;
  /** Of memberlist's own queue between two goroutines; here a message is worked off as it comes. */
  handoffQueueDepth: number;
  /** No datagram of gossip is larger. */
  udpBufferSize: number;
  /** How often memberlist measures its queue; here the state is read when asked for. */
  queueCheckIntervalMs: number;
}

export const lanSettings: MemberlistSettings = {
  tcpTimeoutMs: 10_000,
  indirectChecks: 3,
  retransmitMult: 4,
  suspicionMult: 4,
  suspicionMaxTimeoutMult: 6,
  pushPullIntervalMs: 30_000,
  probeTimeoutMs: 500,
  probeIntervalMs: 1000,
  disableTcpPings: false,
  awarenessMaxMultiplier: 8,
  gossipNodes: 3,
  gossipIntervalMs: 200,
  gossipToTheDeadTimeMs: 30_000,
  gossipVerifyIncoming: true,
  gossipVerifyOutgoing: true,
  enableCompression: true,
  handoffQueueDepth: 1024,
  udpBufferSize: 1400,
  queueCheckIntervalMs: 30_000,
};

/** `--ml-wan-config`: for nodes with slow or lossy links between them. */
export const wanSettings: MemberlistSettings = {
  ...lanSettings,
  tcpTimeoutMs: 30_000,
  suspicionMult: 6,
  pushPullIntervalMs: 60_000,
  probeTimeoutMs: 3000,
  probeIntervalMs: 5000,
  gossipNodes: 4,
  gossipIntervalMs: 500,
  gossipToTheDeadTimeMs: 60_000,
};
