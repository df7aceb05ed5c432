import type {
  AttentionItem,
  BgpSessionRow,
  ConsolePort,
  Layer2Row,
  Move,
  PoolDetail,
  ServiceDetail,
  SpeakerRow,
} from "#server/mod.ts";

export type Issue = ReturnType<ConsolePort["issues"]>[number];

export type Finding = ReturnType<NonNullable<ConsolePort["findings"]>>[number];

export interface World {
  now: number;
  pools: PoolDetail[];
  services: ServiceDetail[];
  layer2: Layer2Row[];
  moves: Move[];
  sessions: BgpSessionRow[];
  speakers: SpeakerRow[];
  issues: Issue[];
  findings: Finding[];
  attention: AttentionItem[];
  apiConnected: boolean;
}

/** 2030-03-04 05:06:07 UTC. */
export const epoch = Date.UTC(2030, 2, 4, 5, 6, 7);
export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export function emptyWorld(): World {
  return {
    now: epoch,
    pools: [],
    services: [],
    layer2: [],
    moves: [],
    sessions: [],
    speakers: [],
    issues: [],
    findings: [],
    attention: [],
    apiConnected: true,
  };
}

export interface WorldSize {
  nodes: number;
  pools: number;
  /** Addresses of each pool. */
  poolSize: number;
  services: number;
  peers: number;
}

export const smallSize: WorldSize = { nodes: 3, pools: 1, poolSize: 11, services: 5, peers: 1 };
export const largeSize: WorldSize = { nodes: 40, pools: 20, poolSize: 512, services: 10_000, peers: 8 };
