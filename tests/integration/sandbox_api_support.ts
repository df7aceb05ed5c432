import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Certificates,
  createCertificates,
  createSandboxApi,
  type SandboxApi,
  type ServingSandboxApi,
  serveSandboxApi,
  writeKubeconfig,
} from "#sandbox/api/mod.ts";

export const hasKubectl = Bun.which("kubectl") !== null;

const token = "sandbox-api-test-token";
/** kubectl answers in a tenth of a second here; a machine under load is slower, a hang is neither. */
const commandTimeoutMs = 30_000;

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A sandbox API on loopback with a home of its own for kubectl, so that nothing of the user's is read or written. */
export class ApiOnLoopback {
  private constructor(
    readonly directory: string,
    readonly api: SandboxApi,
    readonly server: ServingSandboxApi,
    readonly certificates: Certificates,
  ) {}

  static async start(options: { serviceCidr?: string } = {}): Promise<ApiOnLoopback> {
    const directory = await mkdtemp(join(tmpdir(), "mlbt-api-"));
    await mkdir(join(directory, "home"));
    const certificates = await createCertificates({
      names: ["localhost"],
      addresses: ["127.0.0.1"],
      now: new Date(),
    });
    const api = createSandboxApi({ ...options, now: Date.now });
    api.addToken(token, { username: "admin", groups: ["system:masters"] });
    const unixSocket = join(directory, "api.sock");
    const server = serveSandboxApi(api, {
      hostname: "127.0.0.1",
      port: 0,
      unixSocket,
      certificate: certificates,
    });
    const kubeconfig = writeKubeconfig({ server: server.url, caPem: certificates.caPem, token });
    await Bun.write(join(directory, "kubeconfig"), kubeconfig);
    return new ApiOnLoopback(directory, api, server, certificates);
  }

  async stop(): Promise<void> {
    this.api.close();
    await this.server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Runs kubectl to its end. */
  async kubectl(args: readonly string[], options: { stdin?: string; editor?: string } = {}): Promise<Output> {
    const child = this.spawn(args, options);
    const timer = setTimeout(() => child.kill("SIGKILL"), commandTimeoutMs);
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    clearTimeout(timer);
    return { code, stdout, stderr };
  }

  /** As {@link kubectl}, for a command that must succeed; gives its output. */
  async run(line: string, stdin?: string): Promise<string> {
    const output = await this.kubectl(split(line), stdin === undefined ? {} : { stdin });
    if (output.code !== 0) throw new Error(`kubectl ${line} failed (${output.code}): ${output.stderr}`);
    return output.stdout;
  }

  /** As {@link kubectl}, for a command that must fail; gives what it says. */
  async refusal(line: string, stdin?: string): Promise<string> {
    const output = await this.kubectl(split(line), stdin === undefined ? {} : { stdin });
    if (output.code === 0) throw new Error(`kubectl ${line} succeeded: ${output.stdout}`);
    return output.stderr;
  }

  /** Starts kubectl; the caller ends it. */
  spawn(args: readonly string[], options: { stdin?: string; editor?: string } = {}) {
    return Bun.spawn(["kubectl", ...args], {
      cwd: this.directory,
      stdin: options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
      stdout: "pipe",
      stderr: "pipe",
      env: {
        PATH: process.env.PATH ?? "",
        HOME: join(this.directory, "home"),
        KUBECONFIG: join(this.directory, "kubeconfig"),
        ...(options.editor === undefined ? {} : { KUBE_EDITOR: options.editor }),
      },
    });
  }

  /** A request over HTTPS, as any client would send it. */
  fetch(path: string, init: BunFetchRequestInit = {}): Promise<Response> {
    return fetch(`${this.server.url}${path}`, {
      ...init,
      tls: { ca: this.certificates.caPem },
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
  }
}

/** Splits at spaces, except within single quotes, as a shell does. */
function split(line: string): string[] {
  const words = line.match(/(?:'[^']*'|[^\s'])+/g) ?? [];
  return words.map((word) => word.replaceAll("'", ""));
}
