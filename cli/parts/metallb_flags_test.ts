/** Every flag and variable of MetalLB's controller and speaker (reference section 10), and what it does here. */
import { afterEach, describe, expect, test } from "bun:test";
import type { Command } from "commander";
import { warnOf, withoutEffect } from "./accepted.ts";
import { controllerStart } from "./controller.ts";
import { controllerCommand, speakerCommand } from "./mod.ts";
import { speakerStart } from "./speaker.ts";

type Part = "controller" | "speaker";
const parts = {
  controller: { command: controllerCommand, start: controllerStart, needed: [] },
  speaker: { command: speakerCommand, start: speakerStart, needed: ["--node-name", "node1"] },
} as const;

const touched = new Set<string>();
afterEach(() => {
  for (const name of touched) delete process.env[name];
  touched.clear();
});

/** What the part would be started with, and the lines that it logs about its command line. */
function start(part: Part, args: readonly string[], environment: Record<string, string> = {}) {
  for (const [name, value] of Object.entries(environment)) {
    touched.add(name);
    process.env[name] = value;
  }
  const { command: create, start: read, needed } = parts[part];
  let said = "";
  const command: Command = create("test")
    .exitOverride()
    .configureOutput({ writeErr: (text) => (said += text) });
  let options: Record<string, unknown> = {};
  const lines: { level: string; msg: string }[] = [];
  command.action((flags) => {
    const started = read(flags, "test");
    options = started.options;
    const findings = [...started.findings, ...withoutEffect(command, process.env)];
    warnOf(command, findings, (line) => lines.push(JSON.parse(line)));
  });
  try {
    command.parse([...needed, ...args], { from: "user" });
  } catch (error) {
    throw new Error(said || String(error), { cause: error });
  }
  return { options, lines };
}

function at(options: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], options);
}

interface Row {
  flag: string;
  value: string;
  variable?: string;
  /** Of the options that the part starts with, and what stands there. */
  path: string;
  is: unknown;
  with?: string[];
}

const tls12 = "--tls-min-version=VersionTLS12";
const secure = "--secure-metrics-port=9120";
const both: Row[] = [
  { flag: "--namespace", value: "ns", variable: "METALLB_NAMESPACE", path: "namespace", is: "ns" },
  { flag: "--log-level", value: "debug", path: "logLevel", is: "debug" },
  { flag: "--health-probe-port", value: "17473", path: "healthPort", is: 17_473 },
  { flag: "--lb-class", value: "metallb", path: "loadBalancerClass", is: "metallb" },
  { flag: "--port", value: "9120", path: "secureMetrics.port", is: 9120 },
  { flag: "--port", value: "7473", path: "port", is: 7473 },
  {
    flag: "--metrics-cert-dir",
    value: "/c",
    with: [secure],
    path: "secureMetrics.certificateDirectory",
    is: "/c",
  },
  {
    flag: "--tls-min-version",
    value: "VersionTLS12",
    with: [secure],
    path: "secureMetrics.policy.minVersion",
    is: 0x0303,
  },
  {
    flag: "--tls-cipher-suites",
    value: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    with: [secure, tls12],
    path: "secureMetrics.policy.ciphers",
    is: "ECDHE-RSA-AES128-GCM-SHA256",
  },
  {
    flag: "--tls-curve-preferences",
    value: "29,23",
    with: [secure],
    path: "secureMetrics.policy.ecdhCurve",
    is: "X25519:P-256",
  },
];

const working: Record<Part, Row[]> = {
  controller: [
    ...both,
    {
      flag: "--ml-secret-name",
      value: "memberlist",
      variable: "METALLB_ML_SECRET_NAME",
      path: "memberlistSecret.secretName",
      is: "memberlist",
    },
    {
      flag: "--deployment",
      value: "controller",
      variable: "METALLB_DEPLOYMENT",
      with: ["--ml-secret-name=memberlist"],
      path: "memberlistSecret.deployment",
      is: "controller",
    },
    { flag: "--pod-name", value: "c-1", variable: "METALLB_POD_NAME", path: "podName", is: "c-1" },
    {
      flag: "--cert-dir",
      value: "/certs",
      with: ["--disable-cert-rotation=true"],
      path: "webhooks.certificateDirectory",
      is: "/certs",
    },
    { flag: "--cert-service-name", value: "hooks", path: "webhooks.serviceName", is: "hooks" },
    { flag: "--webhook-secret", value: "cert", path: "webhooks.secretName", is: "cert" },
    { flag: "--webhook-mode", value: "disabled", path: "webhooks", is: undefined },
    { flag: "--webhook-mode", value: "onlywebhook", path: "isWebhookOnly", is: true },
    { flag: "--tls-min-version", value: "VersionTLS12", path: "webhooks.policy.minVersion", is: 0x0303 },
  ],
  speaker: [
    ...both,
    {
      flag: "--ml-bindaddr",
      value: "192.0.2.1",
      variable: "METALLB_ML_BIND_ADDR",
      path: "memberlistAddress",
      is: "192.0.2.1",
    },
    {
      flag: "--ml-bindport",
      value: "7947",
      variable: "METALLB_ML_BIND_PORT",
      path: "memberlistPort",
      is: 7947,
    },
    { flag: "--ml-labels", value: "a=b", variable: "METALLB_ML_LABELS", path: "memberlistLabels", is: "a=b" },
    {
      flag: "--ml-secret-key-path",
      value: "/etc/ml_secret_key",
      variable: "METALLB_ML_SECRET_KEY_PATH",
      path: "secretKeyPath",
      is: "/etc/ml_secret_key",
    },
    { flag: "--node-name", value: "n2", variable: "METALLB_NODE_NAME", path: "nodeName", is: "n2" },
    { flag: "--pod-name", value: "s-1", variable: "METALLB_POD_NAME", path: "podName", is: "s-1" },
    { flag: "--host", value: "192.0.2.1", path: "host", is: "192.0.2.1" },
  ],
};

const partNames = ["controller", "speaker"] as const;
const rows = partNames.flatMap((part) => working[part].map((row) => ({ part, ...row })));

describe("flags of MetalLB's that mean the same here", () => {
  test.each(rows)("$part $flag $value", ({ part, flag, value, variable, path, is, with: others = [] }) => {
    const own = start(part, [...others, flag, value]);
    expect(at(own.options, path)).toEqual(is);
    expect(start(part, [...others, `${flag}=${value}`]).options).toEqual(own.options);
    if (!variable || flag === "--node-name") return;
    expect(start(part, others, { [variable]: value }).options).toEqual(own.options);
  });

  test.each([
    ["controller", "--disable-cert-rotation", "webhooks.certificateDirectory"],
    ["speaker", "--ml-wan-config", "isMemberlistWan"],
    ["speaker", "--ignore-exclude-lb", "ignoreExcludeLabel"],
  ] as const)("%s %s, as Go writes yes and no", (part, flag, path) => {
    for (const yes of ["", "=true", "=1", "=T"]) {
      expect(at(start(part, [`${flag}${yes}`]).options, path)).toBeTruthy();
    }
    for (const args of [[], [`${flag}=false`], [`${flag}=0`]]) {
      expect(at(start(part, args).options, path)).toBeFalsy();
    }
  });
});

test("--plain-metrics=false closes /metrics in the clear; it is open otherwise", () => {
  for (const part of partNames) {
    expect(start(part, ["--plain-metrics=false"]).options.isPlainMetricsOff).toBeTrue();
    for (const args of [[], ["--plain-metrics"]]) {
      expect(start(part, args).options.isPlainMetricsOff).toBeFalse();
    }
  }
});

describe("flags and variables of MetalLB's that mean nothing here are taken, with one line that says so", () => {
  test.each([
    ["speaker", "--bgp-debounce-timeout", "500", "METALLB_BGP_DEBOUNCE_TIMEOUT"],
    ["speaker", "--frrk8s-namespace", "frr-k8s-system", "FRRK8S_NAMESPACE"],
    ["speaker", "--frrk8s-secret-passthrough", "true", undefined],
    ["speaker", "--pprof-bind-address", ":6060", undefined],
    ["controller", "--pprof-bind-address", ":6060", undefined],
    ["controller", "--webhook-http2", "true", undefined],
  ] as const)("%s %s", (part, flag, value, variable) => {
    const plain = start(part, []).options;
    const ways: [string[], Record<string, string>][] = [[[`${flag}=${value}`], {}]];
    ways.push([value === "true" ? [flag] : [flag, value], {}]);
    if (variable) ways.push([[], { [variable]: value }]);
    for (const [args, environment] of ways) {
      const { options, lines } = start(part, args, environment);
      expect(options).toEqual(plain);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({ level: "warn", caller: part, op: "startup" });
      expect(lines[0]?.msg).toStartWith(`${flag}: without effect: `);
    }
  });

  test.each([
    ["METALLB_BGP_TYPE", "frr"],
    ["METALLB_BGP_TYPE", "frr-k8s"],
    ["FRR_LOGGING_LEVEL", "debug"],
    ["FRR_CONFIG_FILE", "/etc/frr_reloader/frr.conf"],
    ["FRR_RELOADER_PID_FILE", "/etc/frr_reloader/reloader.pid"],
  ])("%s=%s", (name, value) => {
    for (const part of partNames) {
      const { lines } = start(part, [], { [name]: value });
      expect(lines.map(({ msg }) => msg)).toEqual([expect.stringContaining(`${name}: without effect: `)]);
    }
  });

  test("says nothing of what MetalLB's own manifests always set", () => {
    const usual = { METALLB_HOST: "192.0.2.1", METALLB_BGP_TYPE: "native" };
    for (const part of partNames) {
      const { options, lines } = start(part, ["--pprof-bind-address="], usual);
      expect(lines).toEqual([]);
      expect(JSON.stringify(options)).not.toContain("192.0.2.1");
    }
    expect(start("controller", ["--webhook-http2=false"]).lines).toEqual([]);
  });
});

describe("a Deployment and a DaemonSet of MetalLB 0.16", () => {
  test("start the controller: metrics over HTTPS on 9120, the console on 7472", () => {
    const { options, lines } = start(
      "controller",
      ["--port=9120", "--log-level=info", "--tls-min-version="],
      {
        METALLB_ML_SECRET_NAME: "memberlist",
        METALLB_DEPLOYMENT: "controller",
        METALLB_BGP_TYPE: "native",
      },
    );
    expect(options).toMatchObject({
      port: 7472,
      secureMetrics: { port: 9120, policy: { minVersion: 0x0304 } },
    });
    expect(lines.map(({ msg }) => msg)).toEqual([
      "--port=9120: taken as MetalLB means it, --secure-metrics-port=9120; all else is served on 7472",
    ]);
  });

  test("start the speaker, which the controller reads at 7472", () => {
    const { options } = start("speaker", ["--port=9120", "--log-level=info"], {
      METALLB_HOST: "192.0.2.1",
      METALLB_ML_BIND_ADDR: "192.0.2.1",
      METALLB_ML_LABELS: "app=metallb,component=speaker",
      METALLB_ML_SECRET_KEY_PATH: "/etc/ml_secret_key",
    });
    expect(options).toMatchObject({ port: 7472, host: "0.0.0.0", secureMetrics: { port: 9120 } });
  });

  test("are told apart from who names both ports", () => {
    const { options, lines } = start("speaker", ["--port=9120", "--secure-metrics-port=9121"]);
    expect([options.port, at(options, "secureMetrics.port"), lines]).toEqual([9120, 9121, []]);
  });

  test("of MetalLB up to 0.15 mean by --port=7472 what is served there anyway", () => {
    const { options, lines } = start("controller", ["--port=7472"]);
    expect([options.port, options.secureMetrics, lines]).toEqual([7472, undefined, []]);
  });
});

describe("values that are not allowed are refused with what is", () => {
  test.each<[Part, string, string]>([
    ["controller", "--log-level=trace", "Allowed choices are all, debug, info, warn, error, none."],
    ["speaker", "--log-level=", "Allowed choices are all, debug, info, warn, error, none."],
    ["controller", "--webhook-mode=on", "Allowed choices are enabled, disabled, onlywebhook."],
    ["controller", "--port=http", 'A port is a whole number from 0 to 65535, not "http".'],
    ["speaker", "--health-probe-port=70000", 'A port is a whole number from 0 to 65535, not "70000".'],
    ["speaker", "--secure-metrics-port=-1", 'A port is a whole number from 0 to 65535, not "-1".'],
    ["speaker", "--ml-wan-config=maybe", 'It is true or false, not "maybe".'],
    ["controller", "--tls-min-version=1.3", "must be VersionTLS12 or VersionTLS13"],
    ["speaker", "--tls-curve-preferences=P-256", "allowed are the numbers 23 (P-256)"],
    [
      "controller",
      "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "add --tls-min-version=VersionTLS12",
    ],
    ["controller", "--prot=9120", "unknown option '--prot=9120'"],
  ])("%s %s", (part, argument, message) => {
    expect(() => start(part, [argument])).toThrow(message);
  });
});
