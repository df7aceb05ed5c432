/**
 * One connection to the terminal socket of FRR's bgpd, as vtysh has one: an answer takes well under a millisecond,
 * where vtysh takes tens. A command ends with a zero octet, an answer with three of them and its status.
 */
export class BgpdVty {
  readonly #socket: Bun.Socket;
  #said: Uint8Array = new Uint8Array(0);
  #heard: () => void = () => {};

  private constructor(socket: Bun.Socket) {
    this.#socket = socket;
  }

  static async connect(path: string): Promise<BgpdVty> {
    let vty: BgpdVty | undefined;
    const data = (_: unknown, chunk: Uint8Array) => {
      if (vty) vty.#take(chunk);
    };
    const socket = await Bun.connect({ unix: path, socket: { data } });
    vty = new BgpdVty(socket);
    await vty.ask("enable");
    return vty;
  }

  /** One question at a time. */
  async ask(command: string): Promise<string> {
    this.#said = new Uint8Array(0);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#heard = resolve;
    this.#socket.write(`${command}\0`);
    await promise;
    return new TextDecoder().decode(this.#said.subarray(0, -4));
  }

  #take(chunk: Uint8Array): void {
    this.#said = Buffer.concat([this.#said, chunk]);
    if (this.#said.length >= 4 && this.#said.subarray(-4, -1).every((octet) => octet === 0)) this.#heard();
  }

  end(): void {
    this.#socket.end();
  }
}
