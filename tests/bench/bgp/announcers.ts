/** Speakers that announce the same /32s: ours, and those that others run. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChildPeer, SpeakerProcess } from "../../integration/harness/bgp_speaker.ts";
import { Bird } from "../../integration/harness/bird.ts";
import { ExaBgp } from "../../integration/harness/exabgp.ts";
import { GoBgp } from "../../integration/harness/gobgp.ts";
import { run } from "../../integration/harness/netns_pair.ts";
import { nthAddress } from "../examples.ts";
import { type Ending, firstRoute, ourAddress, ourAS, theirAddress, theirAS } from "./link.ts";

export interface Announcer extends Ending {
  announce(count: number): Promise<unknown>;
  withdraw(count: number): Promise<unknown>;
}

export const announcers = {
  "metallb-ts": ours,
  "BIRD 2": bird,
  "GoBGP 3": goBgp,
  "ExaBGP 4": exaBgp,
};

export const router: ChildPeer = { name: "tor", address: theirAddress, myASN: ourAS, peerASN: theirAS };

async function ours(namespace: string): Promise<Announcer> {
  const speaker = new SpeakerProcess(namespace);
  await speaker.tell({ do: "peers", peers: [router] });
  return { ...tellingRoutes(speaker, router.name), end: () => speaker.end() };
}

function tellingRoutes(speaker: SpeakerProcess, peer: string): Omit<Announcer, "end"> {
  const all = (count: number) => [{ first: firstRoute, count }];
  return {
    announce: (count) => speaker.tell({ do: "routes", peer, routes: all(count) }),
    withdraw: () => speaker.tell({ do: "routes", peer, routes: [] }),
  };
}

/** The routes are static ones, read while the session stands; announcing is their arrival in the table. */
async function bird(namespace: string): Promise<Announcer> {
  const configuration = (count: number) => {
    const routes = Array.from(
      { length: count },
      (_, at) => `route ${nthAddress(firstRoute, at)}/32 blackhole;`,
    );
    return `router id ${ourAddress};
      protocol device {}
      protocol static vips { ipv4; ${routes.join("\n")} }
      protocol bgp tor {
        local as ${ourAS}; neighbor ${theirAddress} as ${theirAS}; connect delay time 1;
        ipv4 { import none; export all; next hop self; };
      }`;
  };
  const bird = await Bird.start(namespace, configuration(0));
  return {
    announce: (count) => bird.configure(configuration(count)),
    withdraw: () => bird.configure(configuration(0)),
    end: () => bird.end(),
  };
}

/**
 * GoBGP takes routes from its own command line one in 20 ms, so a speaker of ours beside it, in the same namespace,
 * is what tells it; the time is that of both.
 */
async function goBgp(namespace: string): Promise<Announcer> {
  const feeder = { address: "10.99.0.7", asn: 65_200 };
  run("ip", "-n", namespace, "addr", "replace", `${feeder.address}/16`, "dev", "eth0");
  const neighbor = (address: string, asn: number, isPassive: boolean) => `
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${address}"
    peer-as = ${asn}
  [neighbors.transport.config]
    passive-mode = ${isPassive}
    local-address = "${ourAddress}"
`;
  const gobgp = await GoBgp.start(
    namespace,
    `[global.config]
  as = ${ourAS}
  router-id = "${ourAddress}"
  port = 179
  local-address-list = ["${ourAddress}"]
${neighbor(theirAddress, theirAS, false)}${neighbor(feeder.address, feeder.asn, true)}`,
  );
  const speaker = new SpeakerProcess(namespace);
  const peer = { name: "gobgp", address: ourAddress, sourceAddress: feeder.address };
  await speaker.tell({ do: "peers", peers: [{ ...peer, myASN: feeder.asn, peerASN: ourAS }] });
  while ((await speaker.look()).sessions[0]?.state !== "Established") await Bun.sleep(50);
  return {
    ...tellingRoutes(speaker, peer.name),
    async end() {
      await speaker.end();
      await gobgp.end();
    },
  };
}

/** Commands of its text interface, 200 routes a line, from a file that a process of its configuration follows. */
async function exaBgp(namespace: string): Promise<Announcer> {
  const directory = mkdtempSync(join(tmpdir(), `mlbt-${process.pid}-exabench-`));
  const [commands, script] = ["commands", "say.sh"].map((name) => join(directory, name)) as [string, string];
  writeFileSync(commands, "");
  writeFileSync(script, `exec tail -n +1 -s 0.01 --pid=$PPID -f "${commands}"\n`);
  const exabgp = new ExaBgp(
    namespace,
    `process say { run /bin/sh ${script}; encoder text; }
neighbor ${theirAddress} {
  router-id ${ourAddress}; local-address ${ourAddress}; local-as ${ourAS}; peer-as ${theirAS};
  family { ipv4 unicast; }
  api { processes [ say ]; }
}`,
  );
  const say = async (verb: string, count: number) => {
    const lines: string[] = [];
    for (let at = 0; at < count; at += 200) {
      const some = Array.from({ length: Math.min(200, count - at) }, (_, index) => at + index);
      const nlri = some.map((each) => `${nthAddress(firstRoute, each)}/32`).join(" ");
      lines.push(`${verb} attributes next-hop self nlri ${nlri}\n`);
    }
    appendFileSync(commands, lines.join(""));
  };
  return {
    announce: (count) => say("announce", count),
    withdraw: (count) => say("withdraw", count),
    async end() {
      await exabgp.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
