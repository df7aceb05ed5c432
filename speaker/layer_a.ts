import type { Logger } from "#io/mod.ts";
import type { MemberlistState } from "#server/ports.ts";
import { Gossip, gossipSecret, gossipSettings, settingsFile } from "./gossip/mod.ts";
import type { Members } from "./members.ts";
import type { SpeakerOptions } from "./options.ts";

/** `isDecisive`: who lives is another set now; `isBack`: one is back from the dead. */
export type Changed = (change: { isBack: boolean; isDecisive: boolean }) => void;

/**
 * Layer A beside everything else: memberlist's word goes to {@link Members}, the ring's word to memberlist, so that
 * MetalLB's speakers hear of a death as soon as ours do.
 */
export class LayerA {
  readonly #gossip: Gossip;
  readonly #members: Members;

  constructor(gossip: Gossip, members: Members, changed: Changed) {
    this.#gossip = gossip;
    this.#members = members;
    gossip.onChange(({ member }) => {
      const before = members.get(member.node)?.state;
      const isBack = members.gossiped(member);
      const merged = members.get(member.node);
      changed({ isBack, isDecisive: merged?.state !== before });
      if (member.state === "suspect" && merged?.by === "ring" && merged.state === "alive")
        gossip.confirmAlive(member.node);
    });
  }

  /** Joins the speakers that are no members yet; asked again whenever their Pods change. */
  follow(): void {
    this.#gossip.setSeeds(this.#members.list().map(({ address }) => address));
  }

  /** The ring of watchers' verdict. */
  judged(node: string, state: "alive" | "dead" | "left"): void {
    if (state === "dead") this.#gossip.declareDead(node);
  }

  state(): MemberlistState {
    return this.#gossip.state();
  }

  leave(): Promise<void> {
    return this.#gossip.leave();
  }
}

/** Undefined where memberlist is disabled, or announcements are only recorded. */
export async function openLayerA(
  options: SpeakerOptions,
  log: Logger,
  members: Members,
  changed: Changed,
): Promise<LayerA | undefined> {
  if (options.isMemberlistDisabled) {
    log.info("memberlist is disabled: every node counts as having a speaker, and a dead one is not noticed");
    return undefined;
  }
  if (options.recordOnly) return undefined;
  const secret = await gossipSecret(options.secretKeyPath, log);
  const gossip = new Gossip({
    node: options.nodeName,
    address: options.memberlistAddress,
    port: options.memberlistPort,
    settings: await gossipSettings(
      options.memberlistSettingsFile ?? settingsFile,
      options.isMemberlistWan ?? false,
    ),
    fastPort: options.memberlistPort + 1,
    log,
    ...(secret ? { secret } : {}),
  });
  const layer = new LayerA(gossip, members, changed);
  await gossip.start();
  return layer;
}
