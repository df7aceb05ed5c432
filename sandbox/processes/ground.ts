import { findProgram, type LabPlan, type LabSupport, runTolerant, type Station } from "../lab/mod.ts";
import { httpPort, relayedApi } from "../options.ts";

/** Where a process of a station runs and what it listens on. */
export interface Place {
  namespace?: string;
  /** Its own address, as others reach it. */
  address: string;
  port: number;
  /** Where it finds the API. */
  apiServer: string;
}

/**
 * The ground that processes stand on: a namespace each where this machine gives them, else addresses of the
 * loopback, where nothing can be announced and every decision is only recorded.
 */
export class Ground {
  readonly plan: LabPlan;
  readonly support: LabSupport;
  readonly #apiUrl: string;

  constructor(plan: LabPlan, support: LabSupport, apiUrl: string) {
    this.plan = plan;
    this.support = support;
    this.#apiUrl = apiUrl;
  }

  get hasLan(): boolean {
    return this.support.ok;
  }

  placeOf(station: Station): Place {
    if (this.hasLan) {
      const { namespace, address } = station;
      return { namespace, address, port: httpPort, apiServer: `https://${relayedApi}` };
    }
    const number = this.plan.stations.indexOf(station) + 1;
    const place = { apiServer: this.#apiUrl };
    // Linux answers on all of 127.0.0.0/8, others on its first address alone.
    return process.platform === "linux"
      ? { ...place, address: loopback(this.plan.id, number), port: httpPort }
      : { ...place, address: "127.0.0.1", port: 17_472 + number };
  }
}

/** Of the sandbox's own, so that two of them do not meet. */
function loopback(id: string, number: number): string {
  const [a = 0, b = 0] = Buffer.from(id, "hex");
  return `127.${1 + (a % 254)}.${b}.${number}`;
}

/** The router's BGP sessions that are up, by the speaker's address, as BIRD tells. */
export function birdSessions(controlSocket: string): string[] | undefined {
  if (!findProgram("birdc")) return undefined;
  const { exitCode, stdout } = runTolerant(["birdc", "-s", controlSocket, "show", "protocols", "all"]);
  if (exitCode !== 0) return undefined;
  const blocks = stdout.split(/\n(?=\S)/).filter((block) => /^\S+\s+BGP\s.*Established/.test(block));
  return blocks.flatMap((block) => /Neighbor address: (\S+)/.exec(block)?.[1] ?? []).sort();
}
