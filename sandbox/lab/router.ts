import type { LabPlan, Station } from "./plan.ts";

/** MetalLB's sample manifests have the speakers in AS 64500 and their router in AS 64501. */
export const routerAsn = 64501;

export interface RouterFiles {
  config: string;
  control: string;
  pid: string;
  log: string;
}

const logBytesMax = 1024 * 1024;

/**
 * BIRD's configuration: any speaker of the LAN may come, with any AS but the router's own; every route of theirs
 * goes to the kernel, equal ones as one route of several next hops (ECMP); nothing is told to the speakers.
 */
export function birdConfig(plan: LabPlan, router: Station, files: RouterFiles): string {
  return `log "${files.log}" ${logBytesMax} "${files.log}.1" all;
router id ${router.address};

protocol device {}

protocol kernel {
  merge paths on limit 16;
  ipv4 { import none; export where source = RTS_BGP; };
}

protocol kernel {
  merge paths on limit 16;
  ipv6 { import none; export where source = RTS_BGP; };
}

protocol bgp speakers {
  local ${router.address} as ${routerAsn};
  neighbor range ${plan.lan} external;
  dynamic name "speaker";
  # A speaker that comes back after an error is not kept waiting for the default minute.
  error wait time 1, 5;
  ipv4 { import all; export none; };
  ipv6 { import all; export none; };
}
`;
}

/** In the foreground, so that it is a child like the others. */
export function birdCommand(files: RouterFiles): string[] {
  return ["bird", "-f", "-c", files.config, "-s", files.control, "-P", files.pid];
}
