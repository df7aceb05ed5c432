/**
 * A node's data plane in a process of its own: commands come as JSON lines on standard input, reports go out as JSON
 * lines on standard output. It ends when its input does, so that a crashed test leaves nothing behind.
 */
import { DataPlane } from "#speaker/data_plane/mod.ts";

const [node = "", heartbeatAddress = "", key = ""] = process.argv.slice(2);
const dataPlane = new DataPlane({
  node,
  heartbeatAddress,
  heartbeatPort: 7947,
  heartbeatKey: new TextEncoder().encode(key.padEnd(32)),
  heartbeatIntervalMs: 150,
  gratuitousRefreshMs: Number(process.env.MLBT_REFRESH_MS ?? 60_000),
  excludedInterfaces: ["^lo$", "^dummy.*"],
});
dataPlane.onReport((report) => process.stdout.write(`${JSON.stringify(report)}\n`));

// A main thread that is as busy as a large cluster makes it: the bench asks what the worker does meanwhile.
if (process.env.MLBT_BUSY) {
  const objects = Array.from({ length: 10_000 }, (_, id) => ({
    id,
    name: `service-${id}`,
    ports: [80, 443],
  }));
  const text = JSON.stringify(objects);
  setInterval(() => JSON.parse(text), 200);
}

let graceMs = 0;
for await (const line of console) {
  const command = JSON.parse(line);
  if (command.type === "own") dataPlane.own(command.addresses, command.verdicts ?? Number.MAX_SAFE_INTEGER);
  else if (command.type === "standby") dataPlane.standby(command.addresses);
  else if (command.type === "heirs") dataPlane.heirs(command.nodes);
  else if (command.type === "peers") dataPlane.peers(command.peers);
  else if (command.type === "announce") dataPlane.announce(command.addresses);
  else {
    graceMs = command.graceMs;
    break;
  }
}
await dataPlane.stop(graceMs);
