/** UDP ports: RFC 5881 §4 for one hop and for echo, RFC 5883 §5 for several. */
export const bfdPorts = { singleHop: 3784, echo: 3785, multihop: 4784 } as const;

/** RFC 5881 §4: the same for all packets of a session, and of no other session. */
export const sourcePorts = { first: 49_152, last: 65_535 } as const;

/** RFC 5881 §5: sent with it, and dropped with less. */
export const singleHopTtl = 255;

/** Echo packets are whole frames. */
export const echoEtherTypes = { ipv4: 0x0800, ipv6: 0x86dd } as const;
