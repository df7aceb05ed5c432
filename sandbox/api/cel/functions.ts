import { type Environment, EvaluationError } from "@marcbachmann/cel-js";
import {
  formatAddress,
  type IpAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixContains,
  sameAddress,
} from "#core/net/mod.ts";

/** Kubernetes' own functions (kubernetes.io "Common Expression Language in Kubernetes"), as far as the language lacks them. */
export function registerKubernetesFunctions(environment: Environment): void {
  registerText(environment);
  registerLists(environment);
  registerAddresses(environment);
  registerQuantities(environment);
  registerUrls(environment);
}

function registerText(environment: Environment): void {
  environment
    .registerFunction(
      "string.find(string): string",
      (text: string, pattern: string) => expression(pattern).exec(text)?.[0] ?? "",
    )
    .registerFunction("string.findAll(string): list<string>", (text: string, pattern: string) =>
      findAll(text, pattern),
    )
    .registerFunction(
      "string.findAll(string, int): list<string>",
      (text: string, pattern: string, limit: bigint) => {
        const found = findAll(text, pattern);
        return limit < 0n ? found : found.slice(0, Number(limit));
      },
    )
    .registerFunction("string.format(list): string", format)
    .registerFunction("string.charAt(int): string", (text: string, index: bigint) => {
      if (index < 0n || index > BigInt(text.length))
        throw new EvaluationError(`index out of range: ${index}`);
      return text[Number(index)] ?? "";
    })
    .registerFunction("string.replace(string, string): string", (text: string, from: string, to: string) =>
      text.replaceAll(from, () => to),
    )
    .registerFunction(
      "string.replace(string, string, int): string",
      (text: string, from: string, to: string, limit: bigint) => {
        const parts = text.split(from);
        const count = limit < 0n ? parts.length - 1 : Math.min(Number(limit), parts.length - 1);
        return [parts.slice(0, count + 1).join(to), ...parts.slice(count + 1)].join(from);
      },
    );
}

/** `%s`, `%d`, `%f` with its precision, `%x` and `%%`, as cel-go's string extension has them. */
function format(text: string, values: readonly unknown[]): string {
  let next = 0;
  return text.replace(/%(?:\.(\d+))?([sdfxX%])/g, (_found, precision: string | undefined, verb: string) => {
    if (verb === "%") return "%";
    if (next >= values.length) throw new EvaluationError(`index ${next} out of range`);
    const value = values[next++];
    if (verb === "f") return Number(value).toFixed(precision === undefined ? 6 : Number(precision));
    if (verb === "x" || verb === "X") {
      const digits =
        typeof value === "bigint" ? value.toString(16) : Buffer.from(String(value)).toString("hex");
      return verb === "x" ? digits : digits.toUpperCase();
    }
    return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
  });
}

function findAll(text: string, pattern: string): string[] {
  return [...text.matchAll(expression(pattern, "g"))].map(([found]) => found);
}

function expression(pattern: string, flags = ""): RegExp {
  try {
    return new RegExp(pattern, `u${flags}`);
  } catch {
    throw new EvaluationError(`error parsing regexp: ${pattern}`);
  }
}

/** The types whose lists can be put in order. */
const ordered = ["int", "double", "string", "bool"] as const;
type Ordered = bigint | number | string | boolean;

function registerLists(environment: Environment): void {
  for (const type of ordered) {
    environment
      .registerFunction(`list<${type}>.isSorted(): bool`, (list: Ordered[]) =>
        list.every((item, index) => index === 0 || (list[index - 1] ?? item) <= item),
      )
      .registerFunction(`list<${type}>.min(): ${type}`, (list: Ordered[]) =>
        extreme(list, "min", (a, b) => a < b),
      )
      .registerFunction(`list<${type}>.max(): ${type}`, (list: Ordered[]) =>
        extreme(list, "max", (a, b) => a > b),
      );
  }
  environment
    .registerFunction("list<int>.sum(): int", (list: bigint[]) => list.reduce((sum, item) => sum + item, 0n))
    .registerFunction("list<double>.sum(): double", (list: number[]) =>
      list.reduce((sum, item) => sum + item, 0),
    )
    .registerFunction("list.indexOf(dyn): int", (list: unknown[], item: unknown) =>
      BigInt(list.indexOf(item)),
    )
    .registerFunction("list.lastIndexOf(dyn): int", (list: unknown[], item: unknown) =>
      BigInt(list.lastIndexOf(item)),
    );
}

function extreme(
  list: readonly Ordered[],
  name: string,
  isFirst: (a: Ordered, b: Ordered) => boolean,
): Ordered {
  if (list.length === 0) throw new EvaluationError(`${name} called on empty list`);
  return list.reduce((found, item) => (isFirst(item, found) ? item : found));
}

class Ip {
  constructor(readonly address: IpAddress) {}
}
class Cidr {
  constructor(readonly prefix: Prefix) {}
}

function registerAddresses(environment: Environment): void {
  environment
    .registerType("net.IP", { ctor: Ip, fields: {} })
    .registerType("net.CIDR", { ctor: Cidr, fields: {} });
  const family = (version: string) => (version === "ipv4" ? 4n : 6n);
  const ip = (text: string) => {
    const address = parseAddress(text);
    if (address === undefined)
      throw new EvaluationError(`IP Address "${text}" parse error during conversion from string`);
    return new Ip(address);
  };
  const cidr = (text: string) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined)
      throw new EvaluationError(`network address parse error during conversion from string: "${text}"`);
    return new Cidr(prefix);
  };
  environment
    .registerFunction("isIP(string): bool", (text: string) => parseAddress(text) !== undefined)
    .registerFunction("ip(string): net.IP", ip)
    .registerFunction("net.IP.family(): int", (each: Ip) => family(each.address.family))
    .registerFunction("string(net.IP): string", (each: Ip) => formatAddress(each.address))
    .registerOperator("net.IP == net.IP", (a: Ip, b: Ip) => sameAddress(a.address, b.address))
    .registerFunction("isCIDR(string): bool", (text: string) => parsePrefix(text) !== undefined)
    .registerFunction("cidr(string): net.CIDR", cidr)
    .registerFunction("net.CIDR.prefixLength(): int", (each: Cidr) => BigInt(each.prefix.length))
    .registerFunction("net.CIDR.containsIP(string): bool", (each: Cidr, text: string) =>
      prefixContains(each.prefix, ip(text).address),
    )
    .registerFunction("net.CIDR.containsIP(net.IP): bool", (each: Cidr, other: Ip) =>
      prefixContains(each.prefix, other.address),
    );
}

class Quantity {
  constructor(readonly value: number) {}
}
const multipliers: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

function parseQuantity(text: string): number | undefined {
  const [, number, exponent, suffix] =
    /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  return exponent === undefined
    ? Number(number) * (multipliers[suffix ?? ""] ?? 1)
    : Number(`${number}e${exponent}`);
}

function registerQuantities(environment: Environment): void {
  environment
    .registerType("kubernetes.Quantity", { ctor: Quantity, fields: {} })
    .registerFunction("isQuantity(string): bool", (text: string) => parseQuantity(text) !== undefined)
    .registerFunction("quantity(string): kubernetes.Quantity", (text: string) => {
      const value = parseQuantity(text);
      if (value === undefined)
        throw new EvaluationError("quantities must match the regular expression of resource quantities");
      return new Quantity(value);
    })
    .registerFunction(
      "kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool",
      (a: Quantity, b: Quantity) => a.value > b.value,
    )
    .registerFunction(
      "kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool",
      (a: Quantity, b: Quantity) => a.value < b.value,
    )
    .registerFunction("kubernetes.Quantity.compareTo(kubernetes.Quantity): int", (a: Quantity, b: Quantity) =>
      BigInt(Math.sign(a.value - b.value)),
    )
    .registerFunction("kubernetes.Quantity.asApproximateFloat(): double", (each: Quantity) => each.value)
    .registerFunction("kubernetes.Quantity.isInteger(): bool", (each: Quantity) =>
      Number.isInteger(each.value),
    )
    .registerOperator(
      "kubernetes.Quantity == kubernetes.Quantity",
      (a: Quantity, b: Quantity) => a.value === b.value,
    );
}

function registerUrls(environment: Environment): void {
  environment
    .registerType("kubernetes.URL", { ctor: URL, fields: {} })
    .registerFunction("isURL(string): bool", (text: string) => URL.canParse(text))
    .registerFunction("url(string): kubernetes.URL", (text: string) => {
      if (!URL.canParse(text))
        throw new EvaluationError(`URL parse error during conversion from string: "${text}"`);
      return new URL(text);
    })
    .registerFunction("kubernetes.URL.getScheme(): string", (url: URL) => url.protocol.replace(/:$/, ""))
    .registerFunction("kubernetes.URL.getHost(): string", (url: URL) => url.host)
    .registerFunction("kubernetes.URL.getHostname(): string", (url: URL) =>
      url.hostname.replace(/^\[|\]$/g, ""),
    )
    .registerFunction("kubernetes.URL.getPort(): string", (url: URL) => url.port)
    .registerFunction("kubernetes.URL.getEscapedPath(): string", (url: URL) => url.pathname);
}
