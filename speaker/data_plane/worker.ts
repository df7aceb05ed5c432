/**
 * The data-plane worker's entry: an entry point of its own for the compiler of the single binary. It wires the parts to
 * one loop, which blocks this thread until the main thread says stop.
 */
import { randomBytes } from "node:crypto";
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { EventFd, systemClock } from "#io/mod.ts";
import { Heartbeats } from "./heartbeats.ts";
import { InterfaceWatch } from "./interface_watch.ts";
import { Layer2 } from "./layer2.ts";
import { Loop } from "./loop.ts";
import { Problems } from "./problems.ts";
import type { Command, Report, WorkerData } from "./protocol.ts";

const { options, port, bell: bellFd }: WorkerData = workerData;
const clock = systemClock;
const report = (each: Report) => port.postMessage(each);
const problems = new Problems(report);
const bell = new EventFd(bellFd);
const boot = randomBytes(6).readUIntBE(0, 6) || 1;

const heartbeats = new Heartbeats(options, boot, clock, report, problems);
const layer2 = new Layer2(clock, report, problems, watch);
const interfaces = new InterfaceWatch(
  options.excludedInterfaces,
  clock.monotonicMs(),
  report,
  (usable, all) => {
    layer2.setLinks(usable, all, clock.monotonicMs());
    watch();
  },
);
const commands = { fd: bell.fd, serve: readCommands };
const loop = new Loop(clock, [heartbeats, interfaces, layer2]);

watch();
report({ type: "ready" });
loop.run();
interfaces.close();
layer2.close();
port.close();

function watch(): void {
  loop.watch([commands, heartbeats, interfaces, ...layer2.ports()]);
}

function readCommands(now: number): void {
  bell.silence();
  for (;;) {
    const received: { message: Command } | undefined = receiveMessageOnPort(port);
    if (!received) return;
    apply(received.message, now);
  }
}

function apply(command: Command, now: number): void {
  if (command.type === "own") layer2.own(command.addresses, now);
  else if (command.type === "peers") heartbeats.setPeers(command.peers, now);
  else if (command.type === "announce") layer2.announce(command.addresses, now);
  else if (command.type === "stop") {
    heartbeats.leave(now);
    loop.stop();
  }
}
