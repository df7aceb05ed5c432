/**
 * BGP and BFD as a speaker has them: sessions with routers on the main thread, BFD in the data-plane worker, and what
 * joins the two; a process to be run inside a network namespace. Reads one JSON command a line on stdin, answers each
 * with one JSON line on stdout.
 */
import type { BfdProfile, BgpPeer } from "#core/config/mod.ts";
import { familyBits, maskAddress, parseAddress } from "#core/net/mod.ts";
import { BfdPeers } from "#speaker/bfd.ts";
import { BgpSpeaker } from "#speaker/bgp/mod.ts";
import { DataPlane } from "#speaker/data_plane/mod.ts";
import { peerSettings } from "#speaker/peer_settings.ts";
import type { BfdBgpCommand, BfdBgpState } from "./bfd_bgp_speaker.ts";

const log: string[] = [];
const dataPlane = new DataPlane({
  node: "speaker",
  heartbeatAddress: "127.0.0.1",
  heartbeatPort: 7947,
  heartbeatKey: new Uint8Array(32),
  heartbeatIntervalMs: 150,
  gratuitousRefreshMs: 60_000,
  excludedInterfaces: [],
});
const bgp = new BgpSpeaker({
  nodeName: "speaker",
  onChange: () => bfd.follow(),
  log: (level, peer, message) => log.push(`${level} ${peer}: ${message}`),
});
const bfd = new BfdPeers({
  bgp,
  send: (sessions) => dataPlane.bfd(sessions),
  log: {
    info: (...words) => log.push(JSON.stringify(words)),
    warn: (...words) => log.push(JSON.stringify(words)),
  },
  changed() {},
});
dataPlane.onReport((report) => {
  if (report.type === "bfd") bfd.heard(report.sessions);
  else if (report.type === "problem") log.push(report.message);
});

function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`Not an address: ${text}`);
  return parsed;
}

function busy(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

/** As the speaker does at its end. */
async function stop(): Promise<void> {
  await Promise.all([dataPlane.stop(2_000), bgp.stop("the test ends").then(() => bfd.stop())]);
}

async function obey(command: BfdBgpCommand): Promise<BfdBgpState> {
  if (command.do === "peers") {
    const peers = command.peers.map(
      ({ peerAddress, ...peer }): BgpPeer => ({
        myASN: 65_100,
        peerASN: 65_003,
        peerPort: 179,
        nodeSelectors: [],
        enableGracefulRestart: false,
        ebgpMultiHop: false,
        dualStackAddressFamily: false,
        ...peer,
        ...(peerAddress !== undefined && { peerAddress: address(peerAddress) }),
      }),
    );
    const profiles = command.profiles.map(
      (profile): BfdProfile => ({
        receiveIntervalMs: 100,
        transmitIntervalMs: 100,
        echoIntervalMs: 50,
        detectMultiplier: 10,
        minimumTtl: 254,
        echoMode: false,
        passiveMode: false,
        ...profile,
      }),
    );
    bgp.setPeers(peerSettings(peers, {}));
    bfd.setPeers(peers, profiles);
  } else if (command.do === "churn") {
    // Services come and go while the main thread is held up by other work.
    for (let each = 0; each < command.changes; each++) {
      const { family, value } = address("172.20.0.0");
      const route = {
        prefix: maskAddress({ family, value: value + BigInt(each % 500) }, familyBits(family)),
        communities: [],
      };
      bgp.changeRoutes(command.peer, each % 2 === 0 ? { announce: [route] } : { withdraw: [route.prefix] });
      if (each % 50 === 0) busy(command.busyMs);
      if (each % 10 === 0) await Bun.sleep(0);
    }
  } else if (command.do === "stop") await stop();
  return { sessions: bgp.sessions(), bfd: bfd.list(), log };
}

for await (const line of console) {
  process.stdout.write(`${JSON.stringify(await obey(JSON.parse(line) as BfdBgpCommand))}\n`);
}
