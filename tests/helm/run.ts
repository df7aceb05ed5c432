import { at, ChartRefusal, functions, isTrue, text } from "./functions.ts";
import type { Command, Node, Operand, Pipeline } from "./parse.ts";

/** `$` and the other variables of a scope; an inner scope sees and sets the outer ones. */
class Scope {
  readonly #own = new Map<string, unknown>();

  constructor(readonly outer?: Scope) {}

  declare(name: string, value: unknown): this {
    this.#own.set(name, value);
    return this;
  }

  assign(name: string, value: unknown): void {
    if (this.#own.has(name)) this.#own.set(name, value);
    else if (this.outer) this.outer.assign(name, value);
    else throw new Error(`undefined variable "$${name}"`);
  }

  get(name: string): unknown {
    if (this.#own.has(name)) return this.#own.get(name);
    if (this.outer) return this.outer.get(name);
    throw new Error(`undefined variable "$${name}"`);
  }
}

/** Prints the nodes with `dot` as `.` and as `$`. */
export function run(nodes: Node[], dot: unknown, defined: ReadonlyMap<string, Node[]>): string {
  return new Run(defined).print(nodes, dot, new Scope().declare("", dot));
}

class Run {
  constructor(readonly defined: ReadonlyMap<string, Node[]>) {}

  print(nodes: Node[], dot: unknown, scope: Scope): string {
    return nodes.map((node) => (node.type === "text" ? node.text : this.#action(node, dot, scope))).join("");
  }

  #action(node: Exclude<Node, { type: "text" }>, dot: unknown, scope: Scope): string {
    try {
      const value = this.#pipeline(node.pipeline, dot, scope);
      if (node.type === "print") return text(value);
      if (node.type === "set") {
        if (node.isNew) scope.declare(node.name, value);
        else scope.assign(node.name, value);
        return "";
      }
      if (node.type === "range") return this.#range(node, value, dot, scope);
      if (!isTrue(value)) return this.print(node.otherwise, dot, new Scope(scope));
      return this.print(node.body, node.type === "with" ? value : dot, new Scope(scope));
    } catch (error) {
      if (error instanceof ChartRefusal || (error instanceof Error && error.message.startsWith("line ")))
        throw error;
      throw new Error(`line ${node.line}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }

  #range(node: Extract<Node, { type: "range" }>, value: unknown, dot: unknown, scope: Scope): string {
    const entries: [unknown, unknown][] = Array.isArray(value)
      ? value.map((item, index) => [index, item])
      : Object.entries((value ?? {}) as object).sort(([a], [b]) => (a < b ? -1 : 1));
    if (entries.length === 0) return this.print(node.otherwise, dot, new Scope(scope));
    const [first, second] = node.names;
    return entries
      .map(([key, item]) => {
        const inner = new Scope(scope);
        if (first !== undefined) inner.declare(first, second === undefined ? item : key);
        if (second !== undefined) inner.declare(second, item);
        return this.print(node.body, item, inner);
      })
      .join("");
  }

  /** Each command's value is the last argument of the next. */
  #pipeline(pipeline: Pipeline, dot: unknown, scope: Scope): unknown {
    let piped: unknown[] = [];
    for (const command of pipeline) piped = [this.#command(command, piped, dot, scope)];
    return piped[0];
  }

  #command({ called, operands }: Command, piped: unknown[], dot: unknown, scope: Scope): unknown {
    const value = (operand: Operand) => this.#operand(operand, dot, scope);
    if (called === undefined) {
      if (piped.length > 0) throw new Error("a value is piped into what is no function");
      return value(operands[0] as Operand);
    }
    // These two look at no more than they must.
    if (called === "and" || called === "or") {
      let last: unknown;
      for (const argument of [
        ...operands.map((operand) => () => value(operand)),
        ...piped.map((each) => () => each),
      ]) {
        last = argument();
        if (isTrue(last) === (called === "or")) return last;
      }
      return last;
    }
    const all = [...operands.map(value), ...piped];
    if (called === "include") {
      const [name, argument] = all;
      const body = this.defined.get(String(name));
      if (!body) throw new Error(`no template "${name}"`);
      return run(body, argument, this.defined);
    }
    const known = functions[called];
    if (!known) throw new Error(`function "${called}" not defined`);
    return known(...all);
  }

  #operand(operand: Operand, dot: unknown, scope: Scope): unknown {
    if (operand.type === "literal") return operand.value;
    const start =
      operand.type === "field"
        ? dot
        : operand.type === "variable"
          ? scope.get(operand.name)
          : this.#pipeline(operand.pipeline, dot, scope);
    return operand.path.reduce(at, start);
  }
}
