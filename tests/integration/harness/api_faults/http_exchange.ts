/** HTTP/1.1 on a bare socket (RFC 9112), so that an answer may break off anywhere. */
import type { Socket } from "node:net";

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

const headEnd = "\r\n\r\n";

/** The requests of one connection, one after the other; bodies by Content-Length, as fetch sends them. */
export async function* requestsOf(socket: AsyncIterable<Buffer>): AsyncGenerator<Asked> {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf(headEnd);
      if (end < 0) break;
      const [first = "", ...lines] = rest.subarray(0, end).toString("latin1").split("\r\n");
      const headers = new Headers();
      for (const line of lines) {
        const colon = line.indexOf(":");
        headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
      }
      const length = Number(headers.get("content-length") ?? 0);
      const bodyAt = end + headEnd.length;
      if (rest.length < bodyAt + length) break;
      const body = length > 0 ? rest.subarray(bodyAt, bodyAt + length).toString("utf8") : undefined;
      rest = rest.subarray(bodyAt + length);
      const [method = "", path = ""] = first.split(" ");
      yield { method, path, headers, body };
    }
  }
}

/** Hop-by-hop, or made anew here. */
const ownHeaders = new Set(["connection", "content-encoding", "content-length", "transfer-encoding", "date"]);

function head(status: number, headers: Headers, framing: string): string {
  const kept = [...headers].filter(([name]) => !ownHeaders.has(name));
  const lines = kept.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${status} ${status < 400 ? "OK" : "Refused"}\r\n${lines}${framing}\r\n\r\n`;
}

export async function writeWhole(socket: Socket, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  if (socket.destroyed) return;
  socket.write(head(response.status, response.headers, `content-length: ${body.length}`));
  socket.write(body);
}

/** An answer whose end is open: a watch. */
export class ChunkedAnswer {
  constructor(
    private readonly socket: Socket,
    response: Response,
  ) {
    socket.write(head(response.status, response.headers, "transfer-encoding: chunked"));
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    if (bytes.length === 0 || this.socket.destroyed) return;
    this.socket.write(`${bytes.length.toString(16)}\r\n`);
    this.socket.write(bytes);
    this.socket.write("\r\n");
  }

  end(): void {
    if (!this.socket.destroyed) this.socket.write("0\r\n\r\n");
  }
}
