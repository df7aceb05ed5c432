import { readFileSync } from "node:fs";
import { type KubeClient, type KubeObject, resources } from "#k8s/mod.ts";
import { eventually } from "./eventually.ts";

/** Sees every version of every Service from its start on, as the API's watch tells them. */
export class AddressWitness {
  readonly #abort = new AbortController();
  readonly #addresses = new Map<string, string>();
  readonly #holders = new Map<string, string>();
  readonly #made = new Set<string>();
  readonly #twice: string[] = [];
  readonly #moved: string[] = [];
  #done: Promise<void> = Promise.resolve();

  static async start(client: KubeClient): Promise<AddressWitness> {
    const witness = new AddressWitness();
    const { items, resourceVersion } = await client.list(resources.services);
    for (const item of items) witness.#see(item.metadata.name, ingressOf(item));
    const { signal } = witness.#abort;
    witness.#done = (async () => {
      const watch = client.watch(resources.services, resourceVersion, { signal, timeoutSeconds: 300 });
      for await (const { type, object } of watch) {
        if (type === "BOOKMARK") continue;
        witness.#made.add(object.metadata.name);
        witness.#see(object.metadata.name, ingressOf(object));
      }
    })().catch((error: unknown) => {
      if (!signal.aborted) witness.#moved.push(`the watch failed: ${error}`);
    });
    return witness;
  }

  /** So many of those that were made since have an address. */
  async whenHolding(count: number, limitMs: number): Promise<void> {
    await eventually(`${count} Services have an address`, () => this.#holding >= count, limitMs, 5);
  }

  async stop(): Promise<{ twice: string[]; moved: string[]; holding: number }> {
    this.#abort.abort();
    await this.#done;
    return { twice: this.#twice, moved: this.#moved, holding: this.#holding };
  }

  get #holding(): number {
    return [...this.#made].filter((name) => this.#addresses.has(name)).length;
  }

  #see(name: string, addresses: readonly string[]): void {
    const before = this.#addresses.get(name);
    const now = addresses.join();
    if (before !== undefined && now !== before) this.#moved.push(`${name}: ${before} -> ${now || "none"}`);
    if (addresses.length > 1) this.#moved.push(`${name} has ${now}`);
    if (now === "" || now === before) return;
    this.#addresses.set(name, now);
    const other = this.#holders.get(now);
    if (other !== undefined && other !== name) this.#twice.push(`${now}: ${other} and ${name}`);
    this.#holders.set(now, name);
  }
}

function ingressOf({ status }: KubeObject): string[] {
  const { loadBalancer } = (status ?? {}) as { loadBalancer?: { ingress?: { ip: string }[] } };
  return (loadBalancer?.ingress ?? []).map(({ ip }) => ip);
}

/** Somebody who looks at one controller's overview all the time, over its socket. */
export class PageWitness {
  readonly failures: string[] = [];
  readonly #socket: string;
  readonly #token: string;
  #answers = 0;
  #isEnding = false;
  #done: Promise<void> | undefined;

  constructor(socket: string, kubeconfig: string) {
    this.#socket = socket;
    this.#token = /token: *"?([^"\s]+)/.exec(readFileSync(kubeconfig, "utf8"))?.[1] ?? "";
  }

  async once(): Promise<unknown> {
    const response = await fetch("http://console/api/v1/overview", {
      unix: this.#socket,
      headers: { Authorization: `Bearer ${this.#token}` },
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  }

  start(): this {
    this.#done = (async () => {
      while (!this.#isEnding) {
        await this.once().then(
          () => this.#answers++,
          (error: unknown) => this.failures.push(String(error)),
        );
        await Bun.sleep(50);
      }
    })();
    return this;
  }

  /** Gives how often it was answered. */
  async stop(): Promise<number> {
    this.#isEnding = true;
    await this.#done;
    return this.#answers;
  }
}
