/**
 * The real BFD driver on the worker's own loop, as a process to be run inside a network namespace: one JSON command a
 * line on stdin, one JSON line on stdout for each.
 */
import { readSync, writeSync } from "node:fs";
import { systemClock } from "#io/mod.ts";
import { BfdSessions } from "#speaker/data_plane/bfd/sessions.ts";
import type { BfdSessionReport } from "#speaker/data_plane/bfd/types.ts";
import { InterfaceWatch } from "#speaker/data_plane/interface_watch.ts";
import { Loop } from "#speaker/data_plane/loop.ts";
import { Problems } from "#speaker/data_plane/problems.ts";
import type { BfdChildState, BfdCommand } from "./bfd_speaker.ts";

const clock = systemClock;
const sessions = new Map<string, BfdSessionReport>();
const state: BfdChildState = { sessions: [], moves: [], problems: [] };
const problems = new Problems((report) => {
  if (report.type === "problem") state.problems.push(report.message);
});
const bfd = new BfdSessions(clock, heard, problems, watch);
const interfaces = new InterfaceWatch(
  [],
  clock.monotonicMs(),
  () => {},
  (_, all) => {
    bfd.setLinks(all, clock.monotonicMs());
    watch();
  },
);
const loop = new Loop(clock, [interfaces, bfd]);
const buffer = new Uint8Array(1 << 20);
let unread = "";

watch();
loop.run();

function watch(): void {
  loop.watch([{ fd: 0, serve: readCommands }, interfaces, ...bfd.sources()]);
}

function heard({ sessions: reported }: { sessions: BfdSessionReport[] }): void {
  for (const report of reported) {
    if (sessions.get(report.key)?.state !== report.state) {
      const { key, state: to, diagnostic } = report;
      state.moves.push({ key, state: to, at: Date.now(), ...(diagnostic && { why: diagnostic }) });
    }
    sessions.set(report.key, report);
  }
}

function readCommands(now: number): void {
  const length = readSync(0, buffer);
  if (length === 0) process.exit(0);
  unread += new TextDecoder().decode(buffer.subarray(0, length));
  const lines = unread.split("\n");
  unread = lines.pop() ?? "";
  for (const line of lines) obey(JSON.parse(line) as BfdCommand, now);
}

function obey(command: BfdCommand, now: number): void {
  if (command.do === "sessions") {
    const keys = new Set(command.sessions.map(({ key }) => key));
    bfd.set(command.sessions, now);
    for (const key of sessions.keys()) if (!keys.has(key)) sessions.delete(key);
  } else if (command.do === "leave") bfd.leave(now);
  writeSync(1, `${JSON.stringify({ ...state, sessions: [...sessions.values()] })}\n`);
}
