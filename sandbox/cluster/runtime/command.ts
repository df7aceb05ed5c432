import { appletNames } from "#k8s/image/mod.ts";
import { RuntimeError } from "../../api/mod.ts";

/** Of the program itself, what reads no file of this machine and changes nothing on it. */
const harmless: readonly string[] = [...appletNames, "--version", "--help"];
const ownPaths = ["metallb", "/usr/bin/metallb"];

/**
 * What our program is to be called with, for a command in one of its containers. There it finds what the image holds: our
 * program, and the names it answers to. A pod of the sandbox has this machine's files before it, so nothing else of
 * the machine may run, whoever asks.
 */
export function programArguments(command: readonly string[]): string[] {
  const [program = "", ...rest] = command;
  const applet = appletNames.find((name) => program === name || program === `/bin/${name}`);
  if (applet) return [applet, ...rest];
  if (!ownPaths.includes(program)) throw notStarted(program);
  const [verb = "--help"] = rest;
  if (harmless.includes(verb)) return rest.length === 0 ? ["--help"] : rest;
  throw new RuntimeError(
    `error executing command in container: the sandbox runs "metallb ${verb}" outside of containers only: ./run metallb ${verb}`,
  );
}

/** In the words of containerd and runc. */
export function notStarted(program: string): RuntimeError {
  const quoted = JSON.stringify(program);
  const why = program.includes("/")
    ? `stat ${program}: no such file or directory`
    : "executable file not found in $PATH";
  return new RuntimeError(
    `error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: ${quoted}: ${why}: unknown`,
  );
}
