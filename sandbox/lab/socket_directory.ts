import { tmpdir } from "node:os";
import { join } from "node:path";
import { labId } from "./plan.ts";

/** `sun_path` of unix(7) is 108 bytes with the final zero, 104 on macOS. */
const socketPathMax = 103;
const longestSocketName = 40;

/**
 * Where the sandbox's Unix sockets live: inside the state directory, or, where its path would be too long for
 * the kernel, in a directory of its own among the temporary files.
 */
export function socketDirectory(stateDirectory: string): string {
  const inside = join(stateDirectory, "sockets");
  const isShort = Buffer.byteLength(inside) + 1 + longestSocketName <= socketPathMax;
  return isShort ? inside : join(tmpdir(), `mlbsb-${labId(stateDirectory)}`);
}
