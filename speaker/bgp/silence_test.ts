import { expect, test } from "bun:test";
import { type Answer, silenceWords } from "./silence.ts";

test.each<[boolean, Answer, Answer, string | undefined]>([
  [true, "accepts", "accepts", "it likely has no TCP MD5 password for this node"],
  [true, "refuses", "refuses", "nobody listens there"],
  [true, "silent", "refuses", "the password is likely another one there"],
  [true, "silent", "accepts", "the password is likely another one there"],
  [false, "silent", "refuses", "the peer likely wants a TCP MD5 password"],
  [true, "silent", "silent", undefined],
  [false, "silent", "silent", undefined],
])(
  "silenceWords(): password here %p, without it %s, the host %s: %s",
  (hasPassword, unsigned, host, words) => {
    const said = silenceWords(hasPassword, unsigned, host);
    if (words) expect(said).toContain(words);
    else expect(said).toBeUndefined();
  },
);
