import type { DataPlane, OwnedAddress, Report, StandbyAddress } from "../../../speaker/data_plane/mod.ts";
import { OwnChanges } from "../../../speaker/data_plane/own_changes.ts";

/**
 * The main thread's end of a data plane without a network: it confirms what it is told to announce, and counts what
 * would begin a gratuitous burst, which is an address that is new, or is to be said again.
 */
export class SilentDataPlane {
  readonly #listeners = new Set<(report: Report) => void>();
  readonly #changes = new OwnChanges();
  readonly owned = new Set<string>();
  bursts = 0;
  releases = 0;
  #isSettled = false;

  constructor(private readonly now: () => number) {}

  /** As the speaker knows it. */
  get face(): DataPlane {
    return this as unknown as DataPlane;
  }

  onReport(listener: (report: Report) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  own(addresses: OwnedAddress[], verdicts: number): void {
    for (const { wanted, unwanted } of this.#changes.take(addresses, verdicts)) {
      for (const { address } of wanted) this.#announce(address);
      for (const address of unwanted) if (this.owned.delete(address)) this.releases++;
    }
  }

  announce(addresses: string[]): void {
    for (const address of addresses) this.#announce(address);
  }

  peers(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#report({ type: "settled", at: this.now() });
  }

  standby(_addresses: StandbyAddress[]): void {}
  heirs(_nodes: string[]): void {}
  bfd(): void {}
  async stop(): Promise<void> {}

  #announce(address: string): void {
    this.bursts++;
    this.owned.add(address);
    const interfaces = [{ name: "eth0", mac: "02:00:00:00:00:01" }];
    this.#report({ type: "announced", address, interfaces: interfaces as never, at: this.now() });
  }

  /** Never within the command, as from a worker. */
  #report(report: Report): void {
    setImmediate(() => {
      for (const listener of this.#listeners) listener(report);
    });
  }
}
