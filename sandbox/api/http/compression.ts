/** Smaller answers cost more to pack than to send (kube-apiserver's `defaultGzipThresholdBytes`). */
const thresholdBytes = 128 * 1024;
/** Packs JSON to a tenth at a gigabyte a second; higher levels take far longer for little. A real server's choice, too. */
const level = 1;

/** The answer as gzip; undefined where the client does not take it, or it is too small. */
export function gzipped(acceptEncoding: string | null, json: string): Uint8Array<ArrayBuffer> | undefined {
  // No character has more than three bytes for each of its UTF-16 units.
  if (json.length * 3 <= thresholdBytes || !takesGzip(acceptEncoding)) return undefined;
  const bytes = Buffer.from(json);
  return bytes.length > thresholdBytes ? Bun.gzipSync(bytes, { level }) : undefined;
}

/** RFC 9110 §12.5.3: a weight of 0 says "not acceptable". */
function takesGzip(acceptEncoding: string | null): boolean {
  return (acceptEncoding ?? "").split(",").some((each) => {
    const [coding = "", weight = ""] = each.split(";", 2).map((part) => part.trim().toLowerCase());
    return coding === "gzip" && !/^q=0(\.0*)?$/.test(weight);
  });
}
