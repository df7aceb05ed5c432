import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./temporary.ts";

interface Update {
  attribute?: object;
  announce?: Record<string, Record<string, { nlri: string }[]>>;
  withdraw?: Record<string, { nlri: string }[]>;
}

/** What ExaBGP tells the programs that use it, as far as tests ask. */
interface Event {
  type: string;
  neighbor?: {
    address: { peer: string };
    state?: "connected" | "up" | "down";
    message?: { update?: Update; eor?: { afi: string } };
  };
}

export interface ExaPath {
  nextHop: string;
  attribute: object;
}

/**
 * A real ExaBGP inside a network namespace. It holds no table: what it receives it hands to a program as JSON, here
 * `cat` into a file, and that is read.
 */
export class ExaBgp {
  readonly #directory = temporaryDirectory("exabgp");
  readonly #child: Bun.Subprocess;

  /** `neighbors` are the sections of its configuration after the process, which is named `heard`. */
  constructor(namespace: string, neighbors: string) {
    const file = (name: string) => join(this.#directory, name);
    // A shell around it: a program without standard output is taken for dead.
    writeFileSync(file("heard.sh"), `cat >>"${file("events")}"\nexit 0\n`);
    writeFileSync(file("events"), "");
    writeFileSync(
      file("exabgp.conf"),
      `process heard { run /bin/sh ${file("heard.sh")}; encoder json; }\n${neighbors}`,
    );
    // As another user it could not write the file, and with its log off no session comes up.
    const settings = ["daemon.user=root", "daemon.drop=false", "api.cli=false", "api.ack=false"];
    const env = settings.map((setting) => `exabgp.${setting}`);
    this.#child = Bun.spawn(
      ["ip", "netns", "exec", namespace, "env", ...env, "exabgp", file("exabgp.conf")],
      {
        stdin: "ignore",
        stdout: Bun.file(file("log")),
        stderr: "ignore",
      },
    );
  }

  /** Oldest first. */
  #events(): Event[] {
    const lines = readFileSync(join(this.#directory, "events"), "utf8").split("\n");
    // The last one may still be written.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Event);
  }

  /** Whether the session with the address is up, and how often it came up. */
  session(address: string): { isUp: boolean; ups: number } {
    const states = this.#of(address).flatMap(({ state }) => state ?? []);
    return { isUp: states.at(-1) === "up", ups: states.filter((state) => state === "up").length };
  }

  /** What the address announced and did not withdraw since its session last came up, by prefix. */
  paths(address: string): Map<string, ExaPath> {
    const paths = new Map<string, ExaPath>();
    for (const { state, message } of this.#of(address)) {
      if (state === "up") paths.clear();
      const { attribute = {}, announce = {}, withdraw = {} } = message?.update ?? {};
      for (const byFamily of Object.values(announce))
        for (const [nextHop, all] of Object.entries(byFamily))
          for (const { nlri } of all) paths.set(nlri, { nextHop, attribute });
      for (const all of Object.values(withdraw)) for (const { nlri } of all) paths.delete(nlri);
    }
    return paths;
  }

  /** Families of the End-of-RIB markers since the session last came up. */
  endOfRibs(address: string): string[] {
    const said = this.#of(address);
    const lastUp = said.findLastIndex(({ state }) => state === "up");
    return said.slice(lastUp + 1).flatMap(({ message }) => message?.eor?.afi ?? []);
  }

  #of(address: string): NonNullable<Event["neighbor"]>[] {
    return this.#events().flatMap(({ neighbor }) => (neighbor?.address.peer === address ? [neighbor] : []));
  }

  /** Its program ends with its standard input. */
  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
