import { Awareness } from "./awareness.ts";
import type { Boot } from "./identity.ts";
import { News } from "./news.ts";
import { Post } from "./post.ts";
import { Questions } from "./questions.ts";
import { Roster } from "./roster.ts";
import { Self } from "./self.ts";
import { Standings } from "./standings.ts";
import { Sync } from "./sync.ts";
import { timingOf } from "./timing.ts";
import { VerdictLog } from "./verdict_log.ts";
import { Watch } from "./watch.ts";
import { Witness } from "./witness.ts";

export interface RingOptions {
  readonly node: string;
  readonly boot: Boot;
  /** 100, 150 or 300: the profile. */
  readonly intervalMs: number;
  /** Epoch ms. */
  readonly startedAt: number;
  /** In [0, 1). */
  readonly random: () => number;
}

export type RingParts = ReturnType<typeof buildParts>;

/** What a ring is made of, each on top of those before it. */
export function buildParts({ node, boot, intervalMs, startedAt, random }: RingOptions) {
  const timing = timingOf(intervalMs);
  const awareness = new Awareness();
  const roster = new Roster(node);
  const self = new Self(node, boot, startedAt, roster);
  const post = new Post(node, boot);
  const questions = new Questions(roster, self, post, random);
  const witness = new Witness(post, timing);
  const news = new News(roster, self, post, random);
  const log = new VerdictLog();
  const standings = new Standings(roster, self, post, news, log, timing);
  const sync = new Sync(roster, self, post, news, timing);
  const watch = new Watch({ roster, self, post, questions }, witness, awareness, timing);
  return {
    timing,
    random,
    awareness,
    roster,
    self,
    post,
    questions,
    witness,
    news,
    log,
    standings,
    sync,
    watch,
  };
}
