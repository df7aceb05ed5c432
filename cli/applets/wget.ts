import type { Applet } from "./output.ts";
import { UsageError } from "./output.ts";

const usage = "wget [-q] [-S] [-T SECONDS] [--header 'NAME: VALUE'] [--no-check-certificate] -O - URL";

interface Request {
  readonly url: URL;
  readonly isQuiet: boolean;
  readonly showsHeaders: boolean;
  readonly timeoutMs: number | undefined;
  readonly headers: Headers;
  readonly checksCertificate: boolean;
}

/** BusyBox's `wget` as far as it reads a page to the terminal, for `kubectl exec POD -- wget -qO- localhost:7472/metrics`. */
export const wget: Applet = async (args, output) => {
  const { url, isQuiet, showsHeaders, timeoutMs, headers, checksCertificate } = parse(args);
  if (!isQuiet) output.stderr(`Connecting to ${url.host}\n`);
  let response: Response;
  try {
    response = await fetch(here(url), {
      headers,
      ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
      tls: { rejectUnauthorized: checksCertificate },
    });
  } catch (error) {
    output.stderr(`wget: can't connect to ${url.host}: ${whyNot(error)}\n`);
    return 1;
  }
  const line = `HTTP/1.1 ${response.status} ${response.statusText}`.trimEnd();
  if (showsHeaders) {
    output.stderr(
      `${[line, ...[...response.headers].map(([name, value]) => `${name}: ${value}`)].join("\n  ")}\n`,
    );
  }
  if (!response.ok) {
    output.stderr(`wget: server returned error: ${line}\n`);
    return 1;
  }
  try {
    for await (const bytes of response.body ?? []) await output.stdout(bytes);
  } catch (error) {
    output.stderr(`wget: the answer broke off: ${(error as Error).message}\n`);
    return 1;
  }
  return 0;
};

function whyNot(error: unknown): string {
  const { code, name, message } = error as Error & { code?: string };
  if (/ConnectionRefused|ECONNREFUSED/.test(code ?? "")) return "Connection refused";
  return name === "TimeoutError" ? "download timed out" : message;
}

/** In a sandbox without namespaces a pod has no localhost of its own; it is told which address is meant. */
function here(url: URL): URL {
  const own = process.env.METALLB_SANDBOX_LOCALHOST;
  if (!own || !["localhost", "127.0.0.1"].includes(url.hostname)) return url;
  const mapped = new URL(url);
  mapped.hostname = own;
  return mapped;
}

function parse(args: readonly string[]): Request {
  const words = args.flatMap(split);
  let target: string | undefined;
  let file: string | undefined;
  let seconds: string | undefined;
  const headers = new Headers({ "user-agent": "Wget" });
  const flags = new Set<string>();
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const value = () => words.shift() ?? wrong(`${word} needs a value`);
    if (word === "-O" || word === "--output-document") file = value();
    else if (word === "-T" || word === "--timeout") seconds = value();
    else if (word === "--header") addHeader(headers, value());
    else if (["-q", "--quiet", "-S", "--server-response", "--no-check-certificate"].includes(word))
      flags.add(word);
    else if (word.startsWith("-")) wrong(`unrecognized option: ${word}`);
    else if (target === undefined) target = word;
    else wrong("one URL at a time");
  }
  if (target === undefined) return wrong("no URL is given");
  // There is no disk to write to, and a name in a request must never become a file of the machine.
  if (file !== "-") wrong("this program writes to standard output only: add -O -");
  const timeoutMs = seconds === undefined ? undefined : Number(seconds) * 1_000;
  if (timeoutMs !== undefined && !(timeoutMs > 0))
    wrong(`a timeout is a number of seconds, not "${seconds}"`);
  return {
    url: urlOf(target),
    isQuiet: flags.has("-q") || flags.has("--quiet"),
    showsHeaders: flags.has("-S") || flags.has("--server-response"),
    timeoutMs,
    headers,
    checksCertificate: !flags.has("--no-check-certificate"),
  };
}

/** `-qO-` is `-q -O -`; `--timeout=3` is `--timeout 3`. */
function split(word: string): string[] {
  const long = /^(--[a-z-]+)=(.*)$/s.exec(word);
  if (long) return [long[1] ?? "", long[2] ?? ""];
  const short = /^-([qS]*)([OT])(.*)$/s.exec(word) ?? /^-([qS]+)()()$/.exec(word);
  if (!short) return [word];
  const [, flags = "", option = "", value = ""] = short;
  return [
    ...[...flags].map((flag) => `-${flag}`),
    ...(option ? [`-${option}`] : []),
    ...(value ? [value] : []),
  ];
}

function addHeader(headers: Headers, text: string): void {
  const colon = text.indexOf(":");
  if (colon < 1) wrong(`a header is NAME: VALUE, not "${text}"`);
  headers.set(text.slice(0, colon).trim(), text.slice(colon + 1).trim());
}

/** HTTP alone: what else a URL can name is not the network. */
function urlOf(target: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? target : `http://${target}`;
  const url = URL.parse(text);
  if (url && (url.protocol === "http:" || url.protocol === "https:")) return url;
  return wrong(`not an http or https URL: ${target}`);
}

function wrong(what: string): never {
  throw new UsageError(`${what}\nUsage: ${usage}`);
}
