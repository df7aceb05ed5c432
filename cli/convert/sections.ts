import { elsewhere, type FieldTable, flag, integer, seconds, text, texts } from "./fields.ts";

/** MetalLB's configuration before 0.13: its sections, and where each field of them stands today. */
export const sectionNames = ["peers", "address-pools", "bgp-communities", "bfd-profiles"] as const;

export const peerFields: FieldTable = {
  "my-asn": ["myASN", integer],
  "peer-asn": ["peerASN", integer],
  "peer-address": ["peerAddress", text],
  "source-address": ["sourceAddress", text],
  "peer-port": ["peerPort", integer],
  "hold-time": ["holdTime", seconds],
  "keepalive-time": ["keepaliveTime", seconds],
  "router-id": ["routerID", text],
  "node-selectors": ["nodeSelectors", elsewhere],
  password: ["password", text],
  "bfd-profile": ["bfdProfile", text],
  "ebgp-multihop": ["ebgpMultiHop", flag],
};

export const selectorFields: FieldTable = {
  "match-labels": ["matchLabels", elsewhere],
  "match-expressions": ["matchExpressions", elsewhere],
};

export const requirementFields: FieldTable = {
  key: ["key", text],
  operator: ["operator", text],
  values: ["values", texts],
};

export const poolFields: FieldTable = {
  name: ["name", elsewhere],
  protocol: ["protocol", elsewhere],
  addresses: ["addresses", texts],
  "auto-assign": ["autoAssign", flag],
  "avoid-buggy-ips": ["avoidBuggyIPs", flag],
  "bgp-advertisements": ["", elsewhere],
};

export const advertisementFields: FieldTable = {
  "aggregation-length": ["aggregationLength", integer],
  "aggregation-length-v6": ["aggregationLengthV6", integer],
  localpref: ["localPref", integer],
  communities: ["communities", texts],
};

export const profileFields: FieldTable = {
  name: ["name", elsewhere],
  "receive-interval": ["receiveInterval", integer],
  "transmit-interval": ["transmitInterval", integer],
  "echo-interval": ["echoInterval", integer],
  "echo-mode": ["echoMode", flag],
  "passive-mode": ["passiveMode", flag],
  "minimum-ttl": ["minimumTtl", integer],
  "detect-multiplier": ["detectMultiplier", integer],
};
