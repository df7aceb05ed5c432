import type { FieldReader } from "./field_reader.ts";
import type { BfdProfile, Resource } from "./types.ts";

/** Defaults are FRR's, which MetalLB documents: 300 ms, 300 ms, 50 ms, three packets, 254 hops left. */
export function parseBfdProfile(spec: FieldReader, { metadata }: Resource): BfdProfile {
  return {
    name: metadata.name,
    receiveIntervalMs: spec.integer("receiveInterval", 10, 60_000) ?? 300,
    transmitIntervalMs: spec.integer("transmitInterval", 10, 60_000) ?? 300,
    echoIntervalMs: spec.integer("echoInterval", 10, 60_000) ?? 50,
    detectMultiplier: spec.integer("detectMultiplier", 2, 255) ?? 3,
    minimumTtl: spec.integer("minimumTtl", 1, 254) ?? 254,
    echoMode: spec.flag("echoMode", false),
    passiveMode: spec.flag("passiveMode", false),
  };
}
