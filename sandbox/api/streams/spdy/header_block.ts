import { constants, createDeflate, createInflate, type Deflate, type Inflate } from "node:zlib";
import { headerDictionary } from "./dictionary.ts";

export type Headers = ReadonlyMap<string, string>;

/** Of a block when it is unpacked. */
const blockBytesMax = 64 * 1024;

/** Reads name and value pairs (SPDY Protocol Draft 3 §2.6.10); throws where lengths do not fit. */
export function decodeHeaders(block: Buffer): Headers {
  let at = 0;
  const count = () => {
    if (at + 4 > block.length) throw new Error("a SPDY header block ends too early");
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = () => {
    const length = count();
    if (at + length > block.length) throw new Error("a SPDY header block ends too early");
    at += length;
    return block.toString("latin1", at - length, at);
  };
  const headers = new Map<string, string>();
  for (let left = count(); left > 0; left--) {
    const name = text().toLowerCase();
    headers.set(name, text());
  }
  return headers;
}

export function encodeHeaders(headers: Headers): Buffer {
  const parts = [...headers].flatMap(([name, value]) => [name.toLowerCase(), value]);
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const counted = parts.flatMap((part) => {
    const bytes = Buffer.from(part, "latin1");
    return [number(bytes.length), bytes];
  });
  return Buffer.concat([number(headers.size), ...counted]);
}

/**
 * The header compression of one direction of a connection each way: one zlib stream for all blocks, cut by a sync flush.
 * Calls must be made one after the other.
 */
export class HeaderCompression {
  readonly #inflate: Inflate = createInflate({ dictionary: headerDictionary });
  readonly #deflate: Deflate = createDeflate({ dictionary: headerDictionary });

  async unpack(compressed: Uint8Array): Promise<Headers> {
    return decodeHeaders(await through(this.#inflate, compressed));
  }

  pack(headers: Headers): Promise<Buffer> {
    return through(this.#deflate, encodeHeaders(headers));
  }

  close(): void {
    this.#inflate.destroy();
    this.#deflate.destroy();
  }
}

function through(stream: Inflate | Deflate, input: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const got: Buffer[] = [];
    let bytes = 0;
    const done = (error?: Error) => {
      stream.off("data", take);
      stream.off("error", done);
      if (error) reject(error);
      else resolve(Buffer.concat(got));
    };
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > blockBytesMax) done(new Error("a SPDY header block is too long"));
      else got.push(chunk);
    };
    stream.on("data", take);
    stream.on("error", done);
    stream.write(input, () => stream.flush(constants.Z_SYNC_FLUSH, () => done()));
  });
}
