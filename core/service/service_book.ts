import type { Pool } from "#core/config/mod.ts";
import type { Allocator } from "#core/ipam/mod.ts";
import type { Decision, ServiceView } from "./types.ts";

export interface ServiceBookOptions {
  /** `--lb-class`: only Services of exactly this class are served; without it, only Services that name no class. */
  readonly loadBalancerClass?: string;
}

/** Signatures, so that drivers can be written against them; the body follows. */
export declare class ServiceBook {
  constructor(options?: ServiceBookOptions);
  readonly allocator: Allocator;
  readonly phase: "adopting" | "allocating";
  setPools(pools: readonly Pool[], heldPools?: ReadonlySet<string>): Decision[];
  setNamespace(name: string, labels: Readonly<Record<string, string>> | undefined): Decision[];
  upsert(view: ServiceView): Decision[];
  remove(service: string): Decision[];
  startAllocating(): Decision[];
  decision(service: string): Decision | undefined;
  decisions(): IterableIterator<Decision>;
  pendingInOrder(): string[];
}
