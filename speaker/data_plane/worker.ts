/**
 * The data-plane worker's entry: an entry point of its own for the compiler of the single binary. It wires the parts to
 * one loop, which blocks this thread until the main thread says stop.
 */
import { randomBytes } from "node:crypto";
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { defaultGratuitousTiming } from "#core/l2/mod.ts";
import { EventFd, systemClock } from "#io/mod.ts";
import { BfdSessions } from "./bfd/sessions.ts";
import { Ending } from "./ending.ts";
import { Facts } from "./facts.ts";
import { InterfaceWatch } from "./interface_watch.ts";
import { Layer2 } from "./layer2.ts";
import { Loop } from "./loop.ts";
import { Problems } from "./problems.ts";
import type { Report, WireCommand, WorkerData } from "./protocol.ts";
import { RingDriver } from "./ring/mod.ts";
import { SelfCheck } from "./self_check.ts";

const { options, port, bell: bellFd }: WorkerData = workerData;
const clock = systemClock;
const report = (each: Report) => port.postMessage(each);
const problems = new Problems(report);
const bell = new EventFd(bellFd);
const boot = randomBytes(6).readUIntBE(0, 6) || 1;

const ring = new RingDriver(options, boot, clock, report, problems);
const layer2 = new Layer2({
  clock,
  report,
  problems,
  timing: { ...defaultGratuitousTiming, refreshIntervalMs: options.gratuitousRefreshMs },
  teller: ring,
  portsChanged: watch,
  random: Math.random,
});
// What this node is first in line for is taken in the turn that brings the verdict.
ring.onVerdict((node, why, now) => layer2.lost(node, why, now));
ring.onTold((node, kind, payload, now) => layer2.told(node, kind, payload, now));
const facts = new Facts(Math.round(clock.wallMs() / 1_000), (bytes, now) => ring.setFacts(bytes, now));
ring.onFlaps((count, now) => facts.setFlaps(count, Math.round(clock.wallMs() / 1_000), now));
const selfCheck = new SelfCheck(
  layer2.owned,
  layer2.ports,
  {
    changed(isPassed, message, now) {
      facts.setAnswering(isPassed, now);
      report({ type: "self-check", isPassed, message, at: clock.wallMs() });
    },
    uncarried({ address, family, interfaces }, now) {
      const which = interfaces.size > 0 ? `none of ${[...interfaces].join(", ")}` : "no interface";
      const needs =
        family === "ipv6" ? "up, with carrier, and with a link-local address" : "up and with carrier";
      problems.say(`Cannot announce ${address}: ${which} is ${needs}`, now);
    },
  },
  clock.monotonicMs(),
);
const bfd = new BfdSessions(clock, report, problems, watch);
const interfaces = new InterfaceWatch(
  options.excludedInterfaces,
  clock.monotonicMs(),
  (each) => {
    if (each.type === "interfaces") ring.setInterfaces(each.interfaces, clock.monotonicMs());
    report(each);
  },
  (usable, all) => {
    // None at all, not even loopback: they are only being listed anew.
    if (all.length > 0) facts.setInterfaces(usable, clock.monotonicMs());
    layer2.setLinks(usable, all, clock.monotonicMs());
    bfd.setLinks(all, clock.monotonicMs());
    watch();
  },
);
const commands = { fd: bell.fd, serve: readCommands };
const ending = new Ending(
  // BFD ends after BGP has: a router may take its end for a failure of what still stands.
  () => layer2.isSilent && bfd.isSilent,
  () => loop.stop(),
);
const loop = new Loop(clock, [ring, interfaces, layer2, selfCheck, bfd, ending]);

watch();
report({ type: "ready" });
loop.run();
ring.close();
interfaces.close();
layer2.close();
bfd.leave(clock.monotonicMs());
bfd.close();
port.close();

function watch(): void {
  // Questions first: what was asked before another's claim, or a command, took an address away is still answered.
  loop.watch([...layer2.ports, commands, ring, interfaces, ...bfd.sources()]);
}

/** One command each turn: between the pieces of a large change requests are answered. */
function readCommands(now: number): void {
  bell.silence();
  const received: { message: WireCommand } | undefined = receiveMessageOnPort(port);
  if (!received) return;
  bell.ring();
  apply(received.message, now);
}

function apply(command: WireCommand, now: number): void {
  if (command.type === "own") layer2.own(command, now);
  else if (command.type === "standby") layer2.setStandby(command.addresses);
  else if (command.type === "heirs") {
    layer2.setHeirs(command.nodes);
    ring.setHeirs(command.nodes, now);
  } else if (command.type === "peers") ring.setPeers(command.peers, now);
  else if (command.type === "announce") layer2.announce(command.addresses, now);
  else if (command.type === "bfd") bfd.set(command.sessions, now);
  else if (command.type === "stop") {
    ring.leave(now);
    layer2.leave(now);
    ending.begin(now, command.graceMs);
  }
}
