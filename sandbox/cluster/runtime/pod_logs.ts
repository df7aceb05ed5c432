import { rmSync } from "node:fs";
import { join } from "node:path";
import { ContainerLogFile } from "./container_log.ts";

/** Of one container: the run of now and the one before it, as a kubelet keeps them. */
interface Runs {
  current: ContainerLogFile;
  previous: ContainerLogFile | undefined;
}

interface LoggedPod {
  readonly uid: string;
  readonly name: string;
  readonly component: string;
}

/** The logs of MetalLB's own pods, by uid; files under `NAMESPACE_POD_UID/CONTAINER/RESTARTS.log`, as on a node. */
export class PodLogs {
  readonly #directory: string;
  readonly #namespace: string;
  readonly #pods = new Map<string, Runs>();

  constructor(directory: string, namespace: string) {
    this.#directory = directory;
    this.#namespace = namespace;
  }

  /** For a run that begins; the run before the previous one is forgotten. */
  open(pod: LoggedPod, restarts: number): ContainerLogFile {
    const directory = join(this.#podDirectory(pod), pod.component);
    const current = new ContainerLogFile(join(directory, `${restarts}.log`));
    const previous = this.#pods.get(pod.uid)?.current;
    previous?.end();
    for (const end of ["", ".1"]) rmSync(join(directory, `${restarts - 2}.log${end}`), { force: true });
    this.#pods.set(pod.uid, { current, previous });
    return current;
  }

  find(uid: string, isPrevious: boolean): ContainerLogFile | undefined {
    const runs = this.#pods.get(uid);
    return isPrevious ? runs?.previous : runs?.current;
  }

  /** The pod is gone. */
  remove(pod: LoggedPod): void {
    this.#pods.get(pod.uid)?.current.end();
    this.#pods.delete(pod.uid);
    rmSync(this.#podDirectory(pod), { recursive: true, force: true });
  }

  #podDirectory({ name, uid }: LoggedPod): string {
    return join(this.#directory, `${this.#namespace}_${name}_${uid}`);
  }
}
