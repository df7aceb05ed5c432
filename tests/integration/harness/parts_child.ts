/** A controller and a speaker in one process, which log everything; the speaker without its data plane. */
import { runController } from "#controller/mod.ts";
import { tlsPolicy } from "#server/tls/mod.ts";
import { runSpeaker } from "#speaker/mod.ts";

const [kubeconfig = "", namespace = "", directory = ""] = process.argv.slice(2);
const common = {
  kubeconfig,
  namespace,
  loadBalancerClass: "",
  logLevel: "all",
  version: "test",
  secureMetrics: { port: 0, policy: tlsPolicy() },
} as const;

const controller = await runController({
  ...common,
  hostname: "127.0.0.1",
  port: 0,
  podName: "controller",
  memberlistSecret: { secretName: "memberlist" },
});
const speaker = await runSpeaker(
  {
    ...common,
    host: "127.0.0.1",
    port: 0,
    unixSocket: `${directory}/speaker.sock`,
    nodeName: "node1",
    podName: "speaker",
    memberlistAddress: "127.0.0.1",
    memberlistPort: 7946,
    isMemberlistDisabled: true,
    ignoreExcludeLabel: false,
    recordOnly: false,
  },
  { dataPlaneOf: async () => undefined },
);
process.on("SIGTERM", async () => {
  await Promise.all([controller.stop(), speaker.stop()]);
  process.exit(0);
});
