import type { SpeakerFacts } from "#core/announce/mod.ts";
import { parsePrefix } from "#core/net/mod.ts";
import type { SpeakerFactsState } from "#server/ports.ts";

/** What a speaker tells the others of itself, as the election takes it. A route that is not understood is left out. */
export function speakerFacts(state: SpeakerFactsState): SpeakerFacts {
  const { interfaces, stableSince, ...rest } = state;
  return {
    ...rest,
    interfaces: interfaces.map(({ name, connected }) => ({
      name,
      connected: connected.flatMap((text) => parsePrefix(text) ?? []),
    })),
    stableSince: stableSince / 1000,
  };
}
