import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "#io/mod.ts";

/**
 * The key of the heartbeats, 32 bytes: from the text of the file `secretkey` in the folder where the Secret
 * `memberlist` is mounted. Without it every speaker uses the same public key, and the log says that anybody on the
 * network can forge a sign of life.
 */
export async function heartbeatKey(folder: string | undefined, log: Logger): Promise<Uint8Array> {
  const secret = folder === undefined ? undefined : await readSecret(join(folder, "secretkey"), log);
  if (!secret) log.warn("heartbeats are not protected: no secret key was given (--ml-secret-key-path)");
  return new Uint8Array(
    createHash("sha256")
      .update(`metallb-ts heartbeat v1\n${secret ?? ""}`)
      .digest(),
  );
}

async function readSecret(path: string, log: Logger): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    log.warn("cannot read the secret key", { path, error: cause });
    return undefined;
  }
}
