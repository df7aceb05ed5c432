import { parseDuration } from "#core/config/mod.ts";
import type { Logger } from "#io/mod.ts";
import { DataPlane } from "./data_plane/mod.ts";
import { readExcludedInterfaces } from "./excluded_interfaces.ts";
import { heartbeatKey } from "./heartbeat_key.ts";
import type { SpeakerOptions } from "./options.ts";

const refreshMinMs = 1_000;

/** Starts the data plane; undefined where announcements are only recorded. Rejects where its settings are wrong. */
export async function openDataPlane(options: SpeakerOptions, log: Logger): Promise<DataPlane | undefined> {
  if (options.recordOnly) return undefined;
  const excluded = await readExcludedInterfaces(options.excludedInterfacesFile);
  if (!excluded.isThere) {
    log.info("no interface is excluded by its name: there is no file", {
      file: options.excludedInterfacesFile,
    });
  }
  return new DataPlane({
    node: options.nodeName,
    heartbeatAddress: options.memberlistAddress,
    heartbeatPort: options.memberlistPort + 1,
    heartbeatKey: await heartbeatKey(options.secretKeyPath, log),
    heartbeatIntervalMs: options.ringIntervalMs ?? 150,
    gratuitousRefreshMs: gratuitousRefreshMs(options.gratuitousRefresh ?? "60s"),
    excludedInterfaces: excluded.patterns,
  });
}

/** A Go duration; 0 is never. Throws an Error that says what is allowed. */
export function gratuitousRefreshMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === 0) return Infinity;
  if (ms !== undefined && ms >= refreshMinMs) return ms;
  throw new Error(
    `--gratuitous-refresh "${text}" is neither 0 (never) nor a duration of at least 1s, such as 30s or 5m`,
  );
}
