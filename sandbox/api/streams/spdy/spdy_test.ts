import { expect, test } from "bun:test";
import { headerDictionary } from "./dictionary.ts";
import { controlFrame, dataFrame, flagFin, frameType, readFrame, words } from "./frames.ts";
import { decodeHeaders, encodeHeaders, HeaderCompression } from "./header_block.ts";
import { SpdySession, type SpdyStream } from "./session.ts";

test("the dictionary is SPDY/3's: 1423 bytes, and the DICTID that every SPDY/3 zlib header carries", () => {
  expect(headerDictionary.length).toBe(1423);
  expect(Bun.hash.adler32(headerDictionary)).toBe(0xe3c6a7c2);
});

test("readFrame() gives a frame once it is whole, and what follows stays", () => {
  const bytes = Buffer.concat([dataFrame(3, flagFin, Buffer.from("abc")), Buffer.from([0, 0])]);
  expect(readFrame(bytes.subarray(0, 10), 100)).toBeUndefined();
  expect(readFrame(bytes, 100)).toEqual({
    frame: { isControl: false, streamId: 3, flags: flagFin, body: Buffer.from("abc") },
    length: 11,
  });
});

test("readFrame() refuses another version and a frame beyond the bound", () => {
  expect(() => readFrame(Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0]), 100)).toThrow("another version");
  expect(() => readFrame(Buffer.from([0, 0, 0, 1, 0, 0, 0, 101]), 100)).toThrow("too long");
});

test("a header block is read as written, its names in lower case", () => {
  const headers = new Map([
    ["streamType", "data"],
    ["port", "7472"],
  ]);
  expect([...decodeHeaders(encodeHeaders(headers))]).toEqual([
    ["streamtype", "data"],
    ["port", "7472"],
  ]);
  expect(() => decodeHeaders(words(1, 9))).toThrow("too early");
});

test("blocks are one compressed stream: the second is told by the first", async () => {
  const [client, server] = [new HeaderCompression(), new HeaderCompression()];
  const headers = new Map([["streamtype", "error"]]);
  const first = await client.pack(headers);
  const second = await client.pack(headers);
  expect(await server.unpack(first)).toEqual(headers);
  expect(await server.unpack(second)).toEqual(headers);
  expect(second.length).toBeLessThan(first.length);
  client.close();
  server.close();
});

/** A client's frames in, the server's frames out. */
function connected(opened: (stream: SpdyStream) => string | undefined = () => undefined) {
  const sent: Buffer[] = [];
  const failures: string[] = [];
  const streams: SpdyStream[] = [];
  const arrival = { wake: () => {} };
  const session = new SpdySession({
    async send(bytes) {
      sent.push(Buffer.from(bytes));
      arrival.wake();
    },
    opened(stream) {
      streams.push(stream);
      return opened(stream);
    },
    failed(error) {
      failures.push(error.message);
      arrival.wake();
    },
  });
  const compression = new HeaderCompression();
  return {
    session,
    streams,
    failures,
    async open(id: number, flags = 0) {
      const block = await compression.pack(new Map([["streamtype", "data"]]));
      session.receive(
        controlFrame(frameType.synStream, flags, Buffer.concat([words(id, 0), Buffer.alloc(2), block])),
      );
    },
    async sent(count: number): Promise<Buffer[]> {
      while (sent.length < count && failures.length === 0) {
        await new Promise<void>((resolve) => {
          arrival.wake = resolve;
        });
      }
      return sent;
    },
  };
}

test("a stream is answered with SYN_REPLY; data goes both ways, and each side ends on its own", async () => {
  const client = connected();
  await client.open(1);
  client.session.receive(dataFrame(1, 0, Buffer.from("ques")));
  client.session.receive(dataFrame(1, flagFin, Buffer.from("tion")));
  const [reply] = await client.sent(1);
  expect(reply?.readUInt16BE(2)).toBe(frameType.synReply);
  expect(reply?.readUInt32BE(8)).toBe(1);
  const [stream] = client.streams;
  expect(await new Response(stream?.incoming).text()).toBe("question");
  await stream?.write(Buffer.from("answer"));
  await stream?.end();
  const [, data, end] = await client.sent(3);
  expect(data).toEqual(dataFrame(1, 0, Buffer.from("answer")));
  expect(end).toEqual(dataFrame(1, flagFin, Buffer.alloc(0)));
});

test("frames may come in any pieces", async () => {
  const client = connected();
  const compression = new HeaderCompression();
  const block = await compression.pack(new Map([["port", "1"]]));
  const frame = controlFrame(
    frameType.synStream,
    flagFin,
    Buffer.concat([words(5, 0), Buffer.alloc(2), block]),
  );
  for (const byte of frame) client.session.receive(Uint8Array.of(byte));
  await client.sent(1);
  expect(client.streams[0]?.headers.get("port")).toBe("1");
});

test("a ping comes back as it was", async () => {
  const client = connected();
  const ping = controlFrame(frameType.ping, 0, words(7));
  client.session.receive(ping);
  expect((await client.sent(1))[0]).toEqual(ping);
});

test("a stream that is not wanted is refused by RST_STREAM", async () => {
  const client = connected(() => "not now");
  await client.open(1);
  expect((await client.sent(1))[0]).toEqual(controlFrame(frameType.rstStream, 0, words(1, 3)));
});

test.each([2, 1])("a second stream of number %i ends the session", async (id) => {
  const client = connected();
  await client.open(1);
  await client.open(id);
  await client.sent(2);
  expect(client.failures).toEqual([`SPDY stream ${id} cannot be opened`]);
});

test("a reset by the client fails what it would have sent", async () => {
  const client = connected();
  await client.open(1);
  client.session.receive(controlFrame(frameType.rstStream, 0, words(1, 5)));
  await client.sent(1);
  await expect(new Response(client.streams[0]?.incoming).text()).rejects.toThrow("reset");
});
