import { type Command, InvalidArgumentError } from "commander";
import { parseDuration } from "#core/config/mod.ts";
import { defaultLeaseMs, leaseMsMin } from "#k8s/mod.ts";
import { boolean } from "./boolean.ts";
import { flag } from "./flags.ts";

/** Which of several replicas writes; Kubernetes' own components have the same flags. */
export function electionOptions(command: Command): Command {
  return command
    .addOption(
      boolean(
        "--leader-elect",
        "agree by a Lease on one replica that writes; false: this is the only one",
      ).default(true),
    )
    .addOption(
      flag(
        "--leader-elect-lease-duration <duration>",
        "how long a replica that has crashed is waited for; renewed each third of it",
        "METALLB_LEASE_DURATION",
      )
        .default(defaultLeaseMs, `${defaultLeaseMs / 1_000}s`)
        .argParser(leaseMs),
    );
}

export function electionSettings(flags: {
  leaderElect?: unknown;
  leaderElectLeaseDuration?: unknown;
  deployment?: string;
}) {
  if (flags.leaderElect === false) return {};
  const { deployment } = flags;
  const leaseMs = flags.leaderElectLeaseDuration as number;
  return { leaderElection: { leaseMs, ...(deployment && { deployment }) } };
}

function leaseMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= leaseMsMin && ms % 1_000 === 0) return ms;
  throw new InvalidArgumentError(
    `It is whole seconds, ${leaseMsMin / 1_000}s or more, such as ${defaultLeaseMs / 1_000}s, not "${text}".`,
  );
}
