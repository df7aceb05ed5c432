import { Command, InvalidArgumentError, Option } from "commander";
import type { Part, SandboxOptions } from "#sandbox/mod.ts";
import { sayFor } from "./sandbox/texts.ts";

type Flags = Record<string, unknown>;

/** `metallb sandbox` and its verbs. The sandbox itself is loaded only when one of them runs. */
export function sandboxCommand(version: string): Command {
  const sandbox = new Command("sandbox")
    .description("a Kubernetes cluster with MetalLB on this machine, to try it")
    .enablePositionalOptions()
    .addOption(stateDirectory())
    .option("--nodes <count>", "how many nodes", number, 3)
    .option("--controllers <count>", "how many replicas of the controller, of which one leads", number, 1)
    .option("--lease-duration <duration>", "how long a controller that is gone is waited for, such as 6s")
    .option("--node-prefix <name>", "nodes are called <name>1, <name>2, …", "node")
    .option("--lan <prefix>", "addresses of nodes, router and client", "192.168.1.0/24")
    .option("--lan6 <prefix>", "their IPv6 addresses, which end in the same digits", "fd00:1::/64")
    .option("--pod-cidr <prefix>", "addresses of pods, a /24 for each node", "10.244.0.0/16")
    .option("--api-port <port>", "port of the API on 127.0.0.1, where it is free", number, 6443)
    .option("--console-port <port>", "port of the console on 127.0.0.1, where it is free", number, 7472)
    .option("--demo", "apply the examples of docs/examples at the start", false)
    .option(
      "--data <file>",
      "keep what the API holds in this file: the next sandbox on it goes on from there",
    )
    .option("--audit-log <file>", "write down who asked the API for what, a JSON line each")
    .option("--record-only", "no LAN: speakers record what they would announce", false)
    .addOption(
      new Option("--log-level <level>", "what controller and speakers log")
        .choices(["all", "debug", "info", "warn", "error", "none"])
        .default("info"),
    )
    .action((flags: Flags) =>
      guarded(async () => {
        const { runSandbox } = await import("./sandbox/run.ts");
        const { stateDir, ...others } = flags;
        const options = { ...others, stateDirectory: stateDir, version } as unknown as SandboxOptions;
        await runSandbox(options, caller(), say);
      }),
    );
  for (const command of [...processVerbs(), ...linkVerbs(), ...otherVerbs(), agentCommand(version)]) {
    sandbox.addCommand(command, { hidden: command.name() === "agent" });
  }
  return sandbox;
}

const say = sayFor(process.env);
const verbs = () => import("./sandbox/verbs.ts");

function caller() {
  return { command: process.env.METALLB_COMMAND ?? "metallb", directory: process.cwd() };
}

function processVerbs(): Command[] {
  const verb = (name: "kill" | "start", description: string) =>
    new Command(name)
      .description(description)
      .argument("<part>", "speaker, controller or agent", oneOf("speaker", "controller", "agent"))
      .argument("[which]", "the speaker's or agent's node, or a controller's Pod; else the one that leads")
      .addOption(stateDirectory())
      .action((part: Part, node: string | undefined, _flags: Flags, command: Command) =>
        guarded(async () => {
          const { changeProcess } = await verbs();
          const request = { verb: name, part, ...(node && { node }) };
          console.log(await changeProcess(directoryOf(command), request, say));
        }),
      );
  return [
    verb("kill", "SIGKILL a process, without a goodbye"),
    verb("start", "start a process again that was killed or has died"),
  ];
}

function linkVerbs(): Command[] {
  const link = (name: string, description: string) =>
    new Command(name)
      .description(description)
      .argument("<station>", "a node, router, client or controller")
      .addOption(stateDirectory());
  return [
    link("cut", "cut a machine off the LAN: its link stays up, nothing passes")
      .option("--carrier", "pull the cable instead: its link goes down", false)
      .action((station: string, { carrier }: Flags, command: Command) =>
        guarded(async () => {
          const { changeLink } = await verbs();
          const cut = carrier ? "carrier" : "bridge";
          console.log(await changeLink(directoryOf(command), { verb: "cut", station, cut }, say));
        }),
      ),
    link("heal", "connect a machine to the LAN again").action(
      (station: string, _flags: Flags, command: Command) =>
        guarded(async () => {
          const { changeLink } = await verbs();
          console.log(await changeLink(directoryOf(command), { verb: "heal", station }, say));
        }),
    ),
  ];
}

function otherVerbs(): Command[] {
  return [
    new Command("exec")
      .description("run a program at a machine of the LAN: exec client -- curl http://192.168.1.240")
      .argument("<station>", "a node, router, client or controller")
      .argument("<command...>", "the program and its arguments")
      .addOption(stateDirectory())
      .passThroughOptions()
      .action((station: string, argv: string[], _flags: Flags, command: Command) =>
        guarded(async () => {
          const { execAt } = await verbs();
          // The `--` that ends our own options is the user's way to say so, not a program.
          const program = argv[0] === "--" ? argv.slice(1) : argv;
          process.exit(await execAt(directoryOf(command), station, program, say));
        }),
      ),
    new Command("status")
      .description("what runs where, which links are cut, who announces what")
      .option("--json", "for programs", false)
      .addOption(stateDirectory())
      .action(({ json }: Flags, command: Command) =>
        guarded(async () =>
          console.log(await (await verbs()).showStatus(directoryOf(command), json === true, say)),
        ),
      ),
    new Command("login")
      .description("a new URL for one login to the console")
      .addOption(stateDirectory())
      .action((_flags: Flags, command: Command) =>
        guarded(async () => console.log(await (await verbs()).newLogin(directoryOf(command), say))),
      ),
    new Command("stop")
      .description("stop the sandbox, or remove what a crashed one has left")
      .addOption(stateDirectory())
      .action((_flags: Flags, command: Command) =>
        guarded(async () => console.log(await (await verbs()).stopSandbox(directoryOf(command), say))),
      ),
  ];
}

/** Started by the sandbox itself, inside a namespace. */
function agentCommand(version: string): Command {
  return new Command("agent")
    .description("kubelet, kube-proxy and the way to the API of one node")
    .option("--node-name <name>", "the node it plays")
    .option("--relay-only", "no node, only the way to the API", false)
    .option("--kubeconfig <file>", "the node's credentials")
    .requiredOption("--relay-listen <address>", "where the API is offered in this namespace")
    .requiredOption("--relay-socket <path>", "the API's Unix socket")
    .option("--dial-socket <path>", "where connections into this namespace are asked for")
    .option("--log-level <level>", "what to log", "info")
    .action((flags: Flags) =>
      guarded(async () => {
        const { runAgentProcess } = await import("./sandbox/agent.ts");
        await runAgentProcess(flags as unknown as Parameters<typeof runAgentProcess>[0], version);
      }),
    );
}

function stateDirectory(): Option {
  return new Option("--state-dir <directory>", "what the sandbox keeps while it runs").default(".sandbox");
}

/** Given to the verb, or before it to `sandbox`. */
function directoryOf(command: Command): string {
  const owner = command.getOptionValueSource("stateDir") === "cli" ? command : (command.parent ?? command);
  return String(owner.opts().stateDir);
}

function number(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`A whole number is expected, not "${text}".`);
}

function oneOf(...allowed: string[]): (text: string) => string {
  return (text) => {
    if (allowed.includes(text)) return text;
    throw new InvalidArgumentError(`Allowed are: ${allowed.join(", ")}.`);
  };
}

/** What the user can put right is told without a stack. */
async function guarded(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Error && error.name === "SandboxError")) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
