/**
 * In a network namespace: a sandbox API with the manifests applied, and the containers of controller and speaker, one
 * after the other, under crun with what the manifests allow them. Answers each question with a JSON line.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { ApiOnLoopback } from "../../sandbox_api_support.ts";
import { type ImageConfig, type PodSpec, runtimeConfig } from "./bundle.ts";
import { RunningContainer } from "./running_container.ts";

const manifests = join(
  import.meta.dir,
  "..",
  "..",
  "..",
  "..",
  "k8s",
  "manifests",
  "rendered",
  "metallb-native.yaml",
);
const kinds = { controller: "Deployment", speaker: "DaemonSet" } as const;
type Part = keyof typeof kinds;

interface Start {
  directory: string;
  root: string;
  image: ImageConfig;
}

let cluster: ApiOnLoopback;
let setting: Start;
let starts = 0;
let running: RunningContainer | undefined;

const questions: Record<string, (argument: never) => Promise<unknown>> = {
  async begin(start: Start) {
    setting = start;
    cluster = await ApiOnLoopback.start();
    await cluster.run(`apply -f ${manifests}`);
    return "ready";
  },
  kubectl: ({ line, stdin }: { line: string; stdin?: string }) => cluster.run(line, stdin),
  async start(part: Part) {
    running = new RunningContainer(`${part}-${++starts}`, await configOf(part), setting.directory);
    return running.whenReady();
  },
  async look() {
    return { pid: running?.pid, status: running?.status(), root: running?.mountOptions("/") };
  },
  async stop() {
    const log = await running?.stop();
    running = undefined;
    return log;
  },
  async end() {
    await running?.stop();
    await cluster.stop();
    return "ended";
  },
};

async function configOf(part: Part): Promise<object> {
  const objects = parseAllDocuments(await Bun.file(manifests).text()).map((document) => document.toJS());
  const pod: PodSpec = objects.find(({ kind }) => kind === kinds[part]).spec.template.spec;
  const user = `system:serviceaccount:metallb-system:${part}`;
  const groups = ["system:serviceaccounts", "system:serviceaccounts:metallb-system", "system:authenticated"];
  cluster.api.addToken(`token-of-${part}`, { username: user, groups });
  const folder = (name: string, files: Record<string, string>) => {
    const path = join(setting.directory, `${part}-${name}-${starts}`);
    mkdirSync(path);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
    return path;
  };
  const serviceAccount = folder("account", {
    token: `token-of-${part}`,
    namespace: "metallb-system",
    "ca.crt": cluster.certificates.caPem,
  });
  const volumes: Record<string, string> =
    part === "controller"
      ? { cert: folder("cert", {}) }
      : {
          memberlist: folder("memberlist", { secretkey: await fieldOf("secret", "memberlist", "secretkey") }),
          "metallb-excludel2": folder("excludel2", {
            "excludel2.yaml": await fieldOf("configmap", "metallb-excludel2", "excludel2.yaml"),
          }),
        };
  return runtimeConfig(pod, {
    root: setting.root,
    image: setting.image,
    fields: { "metadata.name": `${part}-0`, "spec.nodeName": "node1", "status.podIP": "192.0.2.1" },
    volumes,
    serviceAccount,
    api: { host: "127.0.0.1", port: cluster.server.port },
  });
}

async function fieldOf(kind: "secret" | "configmap", name: string, key: string): Promise<string> {
  const { data } = JSON.parse(await cluster.run(`get ${kind} ${name} -n metallb-system -o json`));
  return kind === "secret" ? atob(data[key]) : data[key];
}

for await (const line of console) {
  const { question, argument } = JSON.parse(line);
  const answer = await questions[question]?.(argument as never).then(
    (value) => ({ value }),
    (error) => ({ error: String(error instanceof Error ? error.stack : error) }),
  );
  console.log(JSON.stringify(answer));
  if (question === "end") process.exit(0);
}
