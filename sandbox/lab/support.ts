import { findProgram, runTolerant } from "./command.ts";
import { namespacePrefix } from "./plan.ts";

/** Whether this machine can hold a lab, and if not, the one reason. */
export type LabSupport =
  | { ok: true }
  | {
      ok: false;
      reason: "linux" | "root" | "iproute2" | "nftables" | "refused" | "unwanted";
      detail: string;
    };

/** Tries for real: root in a container may still be refused a namespace. Not tried where a lab is not wanted. */
export function labSupport(id: string, isUnwanted = false): LabSupport {
  const no = (reason: Exclude<LabSupport, { ok: true }>["reason"], detail = ""): LabSupport => ({
    ok: false,
    reason,
    detail,
  });
  if (isUnwanted) return no("unwanted");
  if (process.platform !== "linux") return no("linux");
  if (process.getuid?.() !== 0) return no("root");
  if (!findProgram("ip")) return no("iproute2");
  if (!findProgram("nft")) return no("nftables");
  const probe = `${namespacePrefix(id)}probe`;
  const made = runTolerant(["ip", "netns", "add", probe]);
  const tried = made.exitCode === 0 ? runTolerant(["ip", "netns", "exec", probe, "true"]) : made;
  runTolerant(["ip", "netns", "del", probe]);
  return tried.exitCode === 0 ? { ok: true } : no("refused", tried.stderr.trim());
}

export function hasBird(): boolean {
  return findProgram("bird") !== undefined;
}
