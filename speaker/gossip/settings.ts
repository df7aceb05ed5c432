import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  lanSettings,
  type MemberlistSettings,
  readSettings,
  wanSettings,
} from "#core/membership/memberlist/mod.ts";
import type { Logger } from "#io/mod.ts";

/** Where MetalLB's manifests mount the ConfigMap `metallb-memberlist-config`. */
export const settingsFile = "/etc/metallb/memberlist/config.json";

/** The file's settings where it is there, else the WAN or the LAN profile. A file that is wrong stops the start. */
export async function gossipSettings(path: string, isWan: boolean): Promise<MemberlistSettings> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return isWan ? wanSettings : lanSettings;
    throw new Error(`Cannot read the memberlist settings ${path}`, { cause: error });
  }
  const read = readSettings(text);
  if ("settings" in read) return read.settings;
  const lines = read.issues.map(({ key, message }) => (key === "" ? message : `${key} ${message}`));
  throw new Error(`The memberlist settings ${path} cannot be used:\n  ${lines.join("\n  ")}`);
}

/** The file `secretkey` as it stands in the folder where the Secret `memberlist` is mounted. */
export async function gossipSecret(folder: string | undefined, log: Logger): Promise<Uint8Array | undefined> {
  if (folder === undefined) return undefined;
  const path = join(folder, "secretkey");
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    log.warn("cannot read the secret key", { path, error: cause });
    return undefined;
  }
}
