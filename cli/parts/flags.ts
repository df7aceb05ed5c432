import { type Command, InvalidArgumentError, Option } from "commander";

const logLevels = ["all", "debug", "info", "warn", "error", "none"] as const;

/** What controller and speaker have in common; MetalLB's names where it has them. */
export function common(command: Command): Command {
  return command
    .option("--kubeconfig <file>", "credentials; without it those of the Pod")
    .addOption(flag("--namespace <name>", "namespace of the configuration", "METALLB_NAMESPACE"))
    .option("--host <address>", "address to listen on", "0.0.0.0")
    .addOption(port("--port <port>", "port of /metrics and, on the controller, of the console", 7472))
    .option("--unix-socket <path>", "listen there too")
    .addOption(port("--health-probe-port <port>", "port of /livez and /readyz alone; 0 for none", 17_472))
    .option("--lb-class <class>", "serve only Services with this loadBalancerClass", "")
    .addOption(new Option("--log-level <level>", "what to log").choices(logLevels).default("info"));
}

export function shared(
  flags: Record<string, string> & { port: unknown; healthProbePort: unknown },
  version: string,
) {
  return {
    port: flags.port as number,
    healthPort: flags.healthProbePort as number,
    loadBalancerClass: flags.lbClass ?? "",
    logLevel: flags.logLevel as (typeof logLevels)[number],
    version,
    ...given("kubeconfig", flags.kubeconfig),
    ...given("namespace", flags.namespace),
    ...given("unixSocket", flags.unixSocket),
  };
}

export function flag(flags: string, description: string, variable?: string): Option {
  const option = new Option(flags, description);
  return variable === undefined ? option : option.env(variable);
}

export function port(flags: string, description: string, standard: number): Option {
  return new Option(flags, description).default(standard).argParser((text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number <= 65_535) return number;
    throw new InvalidArgumentError(`A port is a whole number from 0 to 65535, not "${text}".`);
  });
}

export function given<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };
}

/** The first signal stops in order, a second one at once. */
export function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, async () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      await stop();
      process.exit(0);
    });
  }
}
