import { type Piece, pieces, type Token } from "./tokens.ts";

/** `(x).a.b` is an operand with a path; a command is an operand, or a function with its arguments. */
export type Operand =
  | { type: "literal"; value: string | number | boolean | null }
  | { type: "field"; path: string[] }
  | { type: "variable"; name: string; path: string[] }
  | { type: "pipeline"; pipeline: Pipeline; path: string[] };

export interface Command {
  /** Absent where the command is its first operand alone. */
  called?: string;
  operands: Operand[];
}

export type Pipeline = Command[];

export type Node =
  | { type: "text"; text: string }
  | { type: "print"; pipeline: Pipeline; line: number }
  | { type: "set"; name: string; isNew: boolean; pipeline: Pipeline; line: number }
  | { type: "if" | "with"; pipeline: Pipeline; body: Node[]; otherwise: Node[]; line: number }
  | { type: "range"; names: string[]; pipeline: Pipeline; body: Node[]; otherwise: Node[]; line: number };

/** What a file prints, and the templates it defines. */
export interface Template {
  body: Node[];
  defined: Map<string, Node[]>;
}

export function parseTemplate(source: string): Template {
  return new Parser(pieces(source)).template();
}

class Parser {
  readonly #pieces: Piece[];
  #at = 0;
  readonly #defined = new Map<string, Node[]>();

  constructor(found: Piece[]) {
    this.#pieces = found;
  }

  template(): Template {
    const { nodes, end } = this.#nodes();
    if (end !== undefined) throw new Error(`"${end.word}" with nothing to end`);
    return { body: nodes, defined: this.#defined };
  }

  /** Until `end` or `else`, whose tokens are given. */
  #nodes(): { nodes: Node[]; end?: { word: string; rest: Token[]; line: number } } {
    const nodes: Node[] = [];
    for (;;) {
      const piece = this.#pieces[this.#at++];
      if (!piece) return { nodes };
      if (piece.type === "text") {
        nodes.push(piece);
        continue;
      }
      const [first, ...rest] = piece.tokens;
      const word = first?.type === "word" ? first.word : undefined;
      if (word === "end" || word === "else") return { nodes, end: { word, rest, line: piece.line } };
      if (word === "define") this.#define(rest);
      else if (word === "if" || word === "with" || word === "range")
        nodes.push(this.#block(word, rest, piece.line));
      else if (word === "template" || word === "block" || word === "break" || word === "continue")
        throw new Error(`line ${piece.line}: "${word}" is not known here`);
      else nodes.push(simple(piece.tokens, piece.line));
    }
  }

  #define([name]: Token[]): void {
    const { nodes, end } = this.#nodes();
    if (name?.type !== "literal" || end?.word !== "end") throw new Error("a define has no name or no end");
    this.#defined.set(String(name.value), nodes);
  }

  #block(type: "if" | "with" | "range", tokens: Token[], line: number): Node {
    const { nodes: body, end } = this.#nodes();
    if (!end) throw new Error(`line ${line}: "${type}" has no end`);
    const otherwise = end.word === "else" ? this.#otherwise(end.rest, end.line) : [];
    if (type !== "range") return { type, pipeline: pipeline(tokens), body, otherwise, line };
    const sign = tokens.findIndex((token) => token.type === "sign" && token.sign === ":=");
    const names = tokens
      .slice(0, Math.max(sign, 0))
      .flatMap((token) => (token.type === "variable" ? [token.name] : []));
    return { type, names, pipeline: pipeline(tokens.slice(sign + 1)), body, otherwise, line };
  }

  /** `else`, or `else if`, which has its end in common with the block it belongs to. */
  #otherwise([first, ...rest]: Token[], line: number): Node[] {
    if (first?.type === "word" && (first.word === "if" || first.word === "with"))
      return [this.#block(first.word, rest, line)];
    const { nodes, end } = this.#nodes();
    if (first || end?.word !== "end") throw new Error(`line ${line}: "else" has no end`);
    return nodes;
  }
}

function simple(tokens: Token[], line: number): Node {
  const [first, second, ...rest] = tokens;
  if (first?.type === "variable" && second?.type === "sign" && (second.sign === ":=" || second.sign === "="))
    return { type: "set", name: first.name, isNew: second.sign === ":=", pipeline: pipeline(rest), line };
  return { type: "print", pipeline: pipeline(tokens), line };
}

function pipeline(tokens: Token[]): Pipeline {
  const commands: Pipeline = [];
  let command: Command = { operands: [] };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.type === "word") {
      if (command.called === undefined && command.operands.length === 0) command.called = token.word;
      else
        command.operands.push({
          type: "pipeline",
          pipeline: [{ called: token.word, operands: [] }],
          path: [],
        });
    } else if (token.type !== "sign") command.operands.push(token);
    else if (token.sign === "|") {
      commands.push(command);
      command = { operands: [] };
    } else if (token.sign === "(") {
      const end = closing(tokens, at);
      const next = tokens[end + 1];
      const path = next?.type === "field" && next.isGlued ? next.path : [];
      command.operands.push({ type: "pipeline", pipeline: pipeline(tokens.slice(at + 1, end)), path });
      at = path.length > 0 ? end + 1 : end;
    } else throw new Error(`"${token.sign}" is not understood here`);
  }
  commands.push(command);
  for (const { called, operands } of commands)
    if (called === undefined && operands.length !== 1)
      throw new Error("a command is neither a value nor a function");
  return commands;
}

function closing(tokens: Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.type !== "sign") continue;
    if (token.sign === "(") depth++;
    if (token.sign === ")" && --depth === 0) return at;
  }
  throw new Error("a bracket is not closed");
}
