import { rmSync } from "node:fs";
import { join } from "node:path";
import { LineProcess } from "../line_process.ts";
import { cannotRun, NetnsPair } from "../netns_pair.ts";
import { temporaryDirectory } from "../temporary.ts";
import type { UnpackedImage } from "./unpacked_image.ts";

const child = join(import.meta.dir, "pods_child.ts");

/** Why containers cannot be started here; undefined where they can. */
export const cannotStartContainers = () => cannotRun("crun", "unshare", "kubectl", "arping");

/** A built image, an API with the manifests applied, and a LAN of two: containers of both parts start beside the API. */
export class ContainerLab {
  private constructor(
    readonly network: NetnsPair,
    readonly directory: string,
    private readonly pods: LineProcess,
  ) {}

  /** `topic` sets apart those of one process. */
  static async start(topic: string, { root, image }: UnpackedImage): Promise<ContainerLab> {
    const directory = temporaryDirectory(topic);
    const network = new NetnsPair(topic, ["192.0.2.1/24"], ["192.0.2.2/24"]);
    const pods = new LineProcess(network.speaker, child);
    const lab = new ContainerLab(network, directory, pods);
    await lab.#ask("begin", { directory, root, image });
    return lab;
  }

  kubectl(line: string, stdin?: string): Promise<string> {
    return this.#ask("kubectl", { line, stdin }) as Promise<string>;
  }

  /** Gives the milliseconds until the manifest's probe is answered. */
  startPart(part: "controller" | "speaker"): Promise<number> {
    return this.#ask("start", part) as Promise<number>;
  }

  /** The container's first process as the kernel sees it, and the options of its root's mount. */
  look() {
    return this.#ask("look") as Promise<{ pid: number; status: Record<string, string>; root: string }>;
  }

  /** Gives its log, and `exit` with the code at the end. */
  stopPart(): Promise<string> {
    return this.#ask("stop") as Promise<string>;
  }

  async end(): Promise<void> {
    await this.#ask("end").catch(() => {});
    await this.pods.end();
    this.network.remove();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #ask(question: string, argument?: unknown): Promise<unknown> {
    const { value, error } = (await this.pods.ask({ question, argument })) as {
      value: unknown;
      error?: string;
    };
    if (error) throw new Error(error);
    return value;
  }
}
