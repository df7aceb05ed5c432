/** A piece of a template: what is printed as it is, or what stands between `{{` and `}}`. */
export type Piece = { type: "text"; text: string } | { type: "action"; tokens: Token[]; line: number };

export type Token =
  /** `isGlued`: no space before it, so behind a bracket it belongs to that. */
  | { type: "field"; path: string[]; isGlued?: boolean }
  | { type: "variable"; name: string; path: string[] }
  | { type: "word"; word: string }
  | { type: "literal"; value: string | number | boolean | null }
  | { type: "sign"; sign: "(" | ")" | "|" | ":=" | "=" | "," };

const action =
  /\{\{(-(?=\s))?\s*(\/\*[\s\S]*?\*\/|(?:"(?:\\.|[^"\\])*"|`[^`]*`|(?!-?\}\})[\s\S])*?)\s*(-)?\}\}/g;

/** Go's text/template: `{{-` and `-}}` take the white space beside them; a comment leaves nothing. */
export function pieces(source: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  let trimsNext = false;
  for (const match of source.matchAll(action)) {
    const [whole, trimsBefore, body = "", trimsAfter] = match;
    addText(source.slice(at, match.index), trimsNext, trimsBefore !== undefined);
    if (!body.startsWith("/*"))
      found.push({
        type: "action",
        tokens: tokens(body),
        line: source.slice(0, match.index).split("\n").length,
      });
    at = match.index + whole.length;
    trimsNext = trimsAfter !== undefined;
  }
  addText(source.slice(at), trimsNext, false);
  return found;

  function addText(text: string, trimsStart: boolean, trimsEnd: boolean): void {
    if (text.includes("{{"))
      throw new Error(`an action is not closed: ${text.slice(text.indexOf("{{")).slice(0, 60)}`);
    const left = trimsStart ? text.trimStart() : text;
    const kept = trimsEnd ? left.trimEnd() : left;
    if (kept !== "") found.push({ type: "text", text: kept });
  }
}

const token =
  /\s*(?:("(?:\\.|[^"\\])*")|`([^`]*)`|(-?\d+(?:\.\d+)?)|\$(\w*)((?:\.\w+)*)|((?:\.\w+)+)|(\.)(?!\w)|(\w+)|(:=|[()|=,]))/y;
const constants: Record<string, boolean | null> = { true: true, false: false, nil: null };

function tokens(body: string): Token[] {
  const found: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < body.length) {
    const start = token.lastIndex;
    const match = token.exec(body);
    if (!match) throw new Error(`not understood: "${body.slice(start)}"`);
    const [, quoted, raw, number, variable, path, fields, dot, word, sign] = match;
    if (quoted !== undefined) found.push({ type: "literal", value: JSON.parse(quoted) });
    else if (raw !== undefined) found.push({ type: "literal", value: raw });
    else if (number !== undefined) found.push({ type: "literal", value: Number(number) });
    else if (variable !== undefined) found.push({ type: "variable", name: variable, path: split(path) });
    else if (fields !== undefined)
      found.push({ type: "field", path: split(fields), isGlued: body[start] === "." });
    else if (dot !== undefined) found.push({ type: "field", path: [] });
    else if (sign !== undefined) found.push({ type: "sign", sign: sign as "(" });
    else if (word !== undefined && word in constants)
      found.push({ type: "literal", value: constants[word] ?? null });
    else found.push({ type: "word", word: word ?? "" });
  }
  return found;
}

function split(path = ""): string[] {
  return path.split(".").slice(1);
}
