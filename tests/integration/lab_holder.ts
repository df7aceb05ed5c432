/**
 * Holds a lab until it is killed: `bun lab_holder.ts STATE_DIRECTORY`. Prints `ready` when everything stands.
 * Run by lab_test.ts only.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Child,
  claimDirectory,
  createNetwork,
  planLab,
  socketDirectory,
  stationNamed,
} from "#sandbox/lab/mod.ts";

const { stateDirectory, ledger } = claimDirectory(process.argv[2] ?? "", ["logs", "kubeconfig"]);
const plan = planLab({
  stateDirectory,
  nodes: 3,
  nodePrefix: "node",
  lan: "192.168.1.0/24",
  podCidr: "10.244.0.0/16",
  hasRouter: true,
});
createNetwork(plan);
for (const directory of [join(stateDirectory, "logs"), socketDirectory(stateDirectory)]) {
  mkdirSync(ledger.path(directory), { recursive: true, mode: 0o700 });
}
Bun.listen({ unix: ledger.path(join(socketDirectory(stateDirectory), "held.sock")), socket: { data() {} } });
writeFileSync(ledger.path(join(stateDirectory, "kubeconfig")), "apiVersion: v1\n");
for (const name of ["node1", "node2"]) {
  // A process with a child of its own, which no ledger knows.
  const argv = ["sh", "-c", "sleep 600 & wait"];
  new Child(
    {
      name,
      argv,
      namespace: stationNamed(plan, name).namespace,
      logFile: join(stateDirectory, "logs", name),
    },
    ledger,
  );
}
console.log("ready");
setInterval(() => {}, 1 << 30);
