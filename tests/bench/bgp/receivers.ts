/** Real routers that take routes and say how many they have. */
import { Bird } from "../../integration/harness/bird.ts";
import { Frr } from "../../integration/harness/frr.ts";
import { GoBgp } from "../../integration/harness/gobgp.ts";
import { OpenBgpd } from "../../integration/harness/openbgpd.ts";
import { type Ending, ourAddress, ourAS, theirAddress, theirAS } from "./link.ts";

export interface Receiver extends Ending {
  /** Routes it has by BGP; NaN while there is no session. */
  routes(): number | Promise<number>;
  /** UPDATE messages it was sent; NaN where it does not count them. */
  updates(): number;
}

export const receivers = {
  "FRR 8": frrReceiver,
  "BIRD 2": birdReceiver,
  "GoBGP 3": goBgpReceiver,
  "OpenBGPD 7": openBgpdReceiver,
};

async function birdReceiver(namespace: string): Promise<Receiver> {
  const bird = await Bird.start(
    namespace,
    `router id ${theirAddress};
    protocol device {}
    protocol bgp spk {
      local as ${theirAS}; neighbor ${ourAddress} as ${ourAS}; passive on;
      ipv4 { import all; export none; };
    }`,
  );
  let isUp = false;
  return {
    async routes() {
      isUp ||= (await bird.ask("show protocols spk")).includes("Established");
      return isUp ? await bird.routeCount() : Number.NaN;
    },
    updates: () => Number.NaN,
    end: () => bird.end(),
  };
}

export async function frrReceiver(namespace: string): Promise<Receiver> {
  const frr = Frr.start(
    namespace,
    `frr defaults datacenter
router bgp ${theirAS}
 bgp router-id ${theirAddress}
 no bgp ebgp-requires-policy
 neighbor ${ourAddress} remote-as ${ourAS}
 neighbor ${ourAddress} passive
 address-family ipv4 unicast
  neighbor ${ourAddress} activate
exit
`,
  );
  const vty = await frr.vty();
  return {
    async routes() {
      const { peers } = JSON.parse(await vty.ask("show bgp ipv4 unicast summary json")) as {
        peers?: Record<string, { state: string; pfxRcd: number }>;
      };
      const us = peers?.[ourAddress];
      return us?.state === "Established" ? us.pfxRcd : Number.NaN;
    },
    updates() {
      const answer = JSON.parse(frr.ask(`show bgp neighbors ${ourAddress} json`));
      return answer[ourAddress].messageStats.updatesRecv;
    },
    end() {
      vty.end();
      return frr.end();
    },
  };
}

/** Asked by its command line, which takes 15 to 30 ms. */
async function goBgpReceiver(namespace: string): Promise<Receiver> {
  const gobgp = await GoBgp.start(
    namespace,
    `[global.config]
  as = ${theirAS}
  router-id = "${theirAddress}"
  port = 179
  local-address-list = ["${theirAddress}"]
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${ourAddress}"
    peer-as = ${ourAS}
  [neighbors.transport.config]
    passive-mode = true
`,
  );
  const state = () => {
    const answer = JSON.parse(gobgp.ask("neighbor", ourAddress));
    return (Array.isArray(answer) ? answer[0] : answer) as {
      state: { session_state: number; messages?: { received?: { update?: number } } };
      afi_safis: { state: { received?: number } }[];
    };
  };
  return {
    routes() {
      const { state: own, afi_safis } = state();
      return own.session_state === 6 ? (afi_safis[0]?.state.received ?? 0) : Number.NaN;
    },
    updates: () => state().state.messages?.received?.update ?? 0,
    end: () => gobgp.end(),
  };
}

async function openBgpdReceiver(namespace: string): Promise<Receiver> {
  const router = await OpenBgpd.start(
    namespace,
    [
      `AS ${theirAS}`,
      `router-id ${theirAddress}`,
      `listen on ${theirAddress}`,
      `neighbor ${ourAddress} {`,
      `remote-as ${ourAS}`,
      "passive",
      "}",
      "allow from any",
      "allow to any",
      "",
    ].join("\n"),
  );
  return {
    routes() {
      const [us] = router.neighbors();
      return us?.state === "Established" ? us.stats.prefixes.received : Number.NaN;
    },
    updates: () => router.neighbors()[0]?.stats.message.received.updates ?? Number.NaN,
    end: () => router.end(),
  };
}
