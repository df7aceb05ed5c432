import type { Logger } from "#io/mod.ts";
import { DataPlane } from "./data_plane/mod.ts";
import { readExcludedInterfaces } from "./excluded_interfaces.ts";
import { heartbeatKey } from "./heartbeat_key.ts";
import type { SpeakerOptions } from "./options.ts";

/** Sign of life every so often; four that are missing make a speaker dead. */
const heartbeatIntervalMs = 150;

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
    heartbeatIntervalMs,
    excludedInterfaces: excluded.patterns,
  });
}
