import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { resources } from "#k8s/mod.ts";
import { eventually } from "./harness/eventually.ts";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

const metallbDefinitions = [
  ...new Bun.Glob("**/*s.yaml").scanSync({ cwd: `${import.meta.dir}/../../k8s/crds`, absolute: true }),
];

// A dozen starts of kubectl take a second here; a machine with other work needs longer.
setDefaultTimeout(60_000);

/** Unmodified kubectl on the sandbox API. Skipped where there is no kubectl. */
describe.skipIf(!hasKubectl)("kubectl on the sandbox API", () => {
  let cluster: ApiOnLoopback;
  beforeAll(async () => {
    cluster = await ApiOnLoopback.start();
  });
  afterAll(() => cluster?.stop());

  const deployment = (replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}
      - {name: side, image: "side:1"}
`;
  const service = (name: string, spec = "") => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, labels: {tier: front}}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{name: http, port: 80}]
  ${spec}
`;

  test("tells the server's version and what there is", async () => {
    expect(await cluster.run("version")).toContain("Server Version: v1.32");
    const kinds = await cluster.run("api-resources --no-headers");
    expect(kinds).toMatch(/^services +svc +v1 +true +Service$/m);
    expect(kinds).toMatch(/^customresourcedefinitions +crd,crds +apiextensions.k8s.io\/v1 +false/m);
    expect(await cluster.run("get ns -o name")).toContain("namespace/kube-system");
  });

  test("apply creates, says unchanged, changes, and remembers what was applied", async () => {
    expect(await cluster.run("apply -f -", service("applied"))).toBe("service/applied created\n");
    expect(await cluster.run("apply -f -", service("applied"))).toBe("service/applied unchanged\n");
    const changed = service("applied").replace("port: 80", "port: 81");
    expect(await cluster.run("apply -f -", changed)).toBe("service/applied configured\n");
    expect(await cluster.run("get svc applied -o jsonpath='{.spec.ports[*].port}'")).toBe("81");
    expect(await cluster.run("apply view-last-applied svc/applied")).toContain("port: 81");
    const without = changed.replace("labels: {tier: front}", "labels: {}");
    await cluster.run("apply -f -", without);
    expect(await cluster.run("get svc applied -o jsonpath='{.metadata.labels}'")).toBe("");
  });

  test("apply of a Deployment merges containers by name and removes those that are gone", async () => {
    await cluster.run("apply -f -", deployment(1));
    await cluster.run("set image deploy/web web=nginx:1.28");
    const fewer = deployment(1).replace(/ +- \{name: side.*\n/, "");
    await cluster.run("apply -f -", fewer.replace("nginx:1.27", "nginx:1.29"));
    const images = await cluster.run(
      "get deploy web -o jsonpath='{.spec.template.spec.containers[*].image}'",
    );
    expect(images).toBe("nginx:1.29");
    await cluster.run("delete deploy web");
  });

  test("apply --server-side creates, is idle, changes, and takes over from client-side apply", async () => {
    const apply = (manifest: string) => cluster.run("apply --server-side -f -", manifest);
    expect(await apply(service("ssa"))).toBe("service/ssa serverside-applied\n");
    const version = () => cluster.run("get svc ssa -o jsonpath='{.metadata.resourceVersion}'");
    const before = await version();
    await apply(service("ssa"));
    expect(await version()).toBe(before);
    await apply(service("ssa").replace("labels: {tier: front}", "labels: {other: x}"));
    expect(await cluster.run("get svc ssa -o jsonpath='{.metadata.labels}'")).toBe('{"other":"x"}');
    await cluster.run("apply -f -", service("taken-over"));
    expect(await apply(service("taken-over"))).toBe("service/taken-over serverside-applied\n");
  });

  test("diff shows what apply would change and changes nothing", async () => {
    await cluster.run("apply -f -", service("diffed"));
    const changed = service("diffed").replace("port: 80", "port: 8080");
    const { code, stdout } = await cluster.kubectl(["diff", "-f", "-"], { stdin: changed });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^-.*port: 80$/m);
    expect(stdout).toMatch(/^\+.*port: 8080$/m);
    expect((await cluster.kubectl(["diff", "-f", "-"], { stdin: service("diffed") })).code).toBe(0);
    expect(await cluster.run("apply --dry-run=server -f -", changed)).toContain(
      "configured (server dry run)",
    );
    expect(await cluster.run("get svc diffed -o jsonpath='{.spec.ports[*].port}'")).toBe("80");
  });

  test("create, replace and delete by file", async () => {
    expect(await cluster.run("create -f -", service("filed"))).toBe("service/filed created\n");
    expect(await cluster.refusal("create -f -", service("filed"))).toContain(
      'services "filed" already exists',
    );
    const replaced = service("filed").replace("port: 80", "port: 82");
    expect(await cluster.run("replace -f -", replaced)).toBe("service/filed replaced\n");
    expect(await cluster.run("delete -f -", service("filed"))).toBe('service "filed" deleted\n');
    expect(await cluster.refusal("get svc filed")).toContain('services "filed" not found');
  });

  test("create by command, which sends protobuf", async () => {
    expect(await cluster.run("create ns made")).toBe("namespace/made created\n");
    await cluster.run("create -n made configmap m --from-literal=a=b");
    await cluster.run("create -n made secret generic s --from-literal=a=b");
    await cluster.run("create -n made svc loadbalancer lb --tcp=80:8080");
    await cluster.run("create -n made deployment d --image=nginx --replicas=0 --port=80");
    await cluster.run("create -n made role r --verb=get --resource=pods");
    expect(await cluster.run("get -n made cm/m -o jsonpath='{.data.a}'")).toBe("b");
    expect(await cluster.run("get -n made svc/lb -o jsonpath='{.spec.ports[0].targetPort}'")).toBe("8080");
    expect(await cluster.run("get -n made deploy/d -o jsonpath='{.spec.replicas}'")).toBe("0");
    expect(await cluster.run("expose -n made deploy d --port=80 --name=e")).toBe("service/e exposed\n");
    expect(await cluster.run("auth whoami")).toMatch(/Username +admin/);
    expect(await cluster.run("auth can-i create pods")).toBe("yes\n");
    await cluster.run("delete ns made");
  });

  test("edit saves what the editor wrote", async () => {
    await cluster.run("create -f -", service("edited"));
    const { code, stdout } = await cluster.kubectl(["edit", "svc", "edited"], {
      editor: "sed -i 's/tier: front/tier: back/'",
    });
    expect([code, stdout]).toEqual([0, "service/edited edited\n"]);
    expect(await cluster.run("get svc -l tier=back -o name")).toBe("service/edited\n");
  });

  test("patch of every type, label, annotate", async () => {
    await cluster.run("create -f -", service("patched"));
    const ports = () => cluster.run("get svc patched -o jsonpath='{.spec.ports[*].port}'");
    await cluster.run(`patch svc patched -p '{"spec":{"ports":[{"name":"https","port":443}]}}'`);
    expect(await ports()).toBe("80 443");
    await cluster.run(`patch svc patched -p '{"spec":{"ports":[{"port":80,"$patch":"delete"}]}}'`);
    expect(await ports()).toBe("443");
    await cluster.run(`patch svc patched --type merge -p '{"spec":{"ports":[{"port":1}]}}'`);
    expect(await ports()).toBe("1");
    await cluster.run(
      `patch svc patched --type json -p '[{"op":"replace","path":"/spec/ports/0/port","value":2}]'`,
    );
    expect(await ports()).toBe("2");
    const status = '{"status":{"loadBalancer":{"ingress":[{"ip":"192.168.1.240"}]}}}';
    await cluster.run(`patch svc patched --subresource status --type merge -p '${status}'`);
    expect(await cluster.run("get svc patched --no-headers")).toMatch(
      /LoadBalancer +\S+ +192\.168\.1\.240 +2:\d+\/TCP/,
    );
    await cluster.run("label svc patched a=b tier-");
    await cluster.run("annotate svc patched note='two words'");
    expect(await cluster.run("get svc patched --show-labels --no-headers")).toMatch(/ a=b$/m);
    expect(await cluster.refusal("label svc patched a=c")).toContain("already has a value");
  });

  test("get shows the columns that kubectl users know, and more with -o wide", async () => {
    await cluster.run("create -f -", service("columns"));
    const header = async (what: string) =>
      (await cluster.run(`get ${what}`)).split("\n")[0]?.replace(/ {2,}/g, "|");
    expect(await header("svc columns")).toBe("NAME|TYPE|CLUSTER-IP|EXTERNAL-IP|PORT(S)|AGE");
    expect(await header("svc columns -o wide")).toBe("NAME|TYPE|CLUSTER-IP|EXTERNAL-IP|PORT(S)|AGE|SELECTOR");
    await cluster.run("create -f -", "apiVersion: v1\nkind: Node\nmetadata: {name: node1}");
    expect(await header("nodes -o wide")).toBe(
      "NAME|STATUS|ROLES|AGE|VERSION|INTERNAL-IP|EXTERNAL-IP|OS-IMAGE|KERNEL-VERSION|CONTAINER-RUNTIME",
    );
    expect(await header("svc -A")).toStartWith("NAMESPACE|NAME|TYPE");
    const sorted = await cluster.run("get svc --sort-by=.metadata.name -o name");
    expect(sorted.trim().split("\n")).toEqual(sorted.trim().split("\n").toSorted());
    expect(await cluster.run("get svc,nodes --field-selector metadata.name=node1 -o name")).toBe(
      "node/node1\n",
    );
    const chunked = await cluster.run("get svc --chunk-size=1 -o name");
    expect(chunked).toBe(await cluster.run("get svc -o name"));
  });

  test("get -w prints changes as they happen", async () => {
    const child = cluster.spawn(["get", "cm", "-w", "--no-headers"]);
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    const until = async (text: string) => {
      while (!seen.includes(text)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`kubectl get -w ended before "${text}": ${seen}`);
        seen += value;
      }
    };
    try {
      // What was there before the watch is printed first, so the watch is known to be open.
      await cluster.run(
        "create -f -",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: watched}\ndata: {a: b}",
      );
      await until("watched");
      await cluster.run(`patch cm watched --type merge -p '{"data":{"c":"d"}}'`);
      await until("watched   2");
    } finally {
      child.kill("SIGKILL");
      await child.exited;
    }
  });

  test("wait for a condition, a field and a deletion", async () => {
    await cluster.run("create -f -", service("awaited"));
    const field = "{.status.loadBalancer.ingress[0].ip}";
    const waiting = cluster.run(`wait svc/awaited --for=jsonpath=${field}=1.2.3.4 --timeout=20s`);
    const status = '{"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}}';
    await cluster.run(`patch svc awaited --subresource status --type merge -p '${status}'`);
    expect(await waiting).toBe("service/awaited condition met\n");
    await eventually("the first wait has ended", () => cluster.api.openWatches === 0);
    const gone = cluster.run("wait svc/awaited --for=delete --timeout=20s");
    await eventually("the second wait is watching", () => cluster.api.openWatches === 1);
    await cluster.run("delete svc awaited");
    expect(await gone).toBe("service/awaited condition met\n");
  });

  test("describe shows a Service with its endpoints and events", async () => {
    await cluster.run("create -f -", service("described"));
    const slice = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: described-x, labels: {kubernetes.io/service-name: described}}
addressType: IPv4
endpoints: [{addresses: [10.0.0.5], conditions: {ready: true}}]
ports: [{name: http, port: 80}]
`;
    await cluster.run("create -f -", slice);
    const uid = await cluster.run("get svc described -o jsonpath='{.metadata.uid}'");
    const now = new Date().toISOString().slice(0, 19);
    await cluster.api.client.create(resources.events, {
      metadata: { name: "described.1", namespace: "default" },
      involvedObject: { apiVersion: "v1", kind: "Service", name: "described", namespace: "default", uid },
      reason: "IPAllocated",
      message: 'Assigned IP ["192.168.1.240"]',
      type: "Normal",
      source: { component: "metallb-controller" },
      firstTimestamp: `${now}Z`,
      lastTimestamp: `${now}Z`,
      count: 1,
    });
    const text = await cluster.run("describe svc described");
    expect(text).toContain("10.0.0.5:80");
    expect(text).toMatch(/Normal +IPAllocated +\d+s +metallb-controller +Assigned IP \["192\.168\.1\.240"\]/);
    expect(await cluster.run("get events --no-headers")).toContain("service/described");
    expect(await cluster.run("events --for svc/described --no-headers")).toContain("IPAllocated");
    expect(await cluster.run("describe node node1")).toContain("Name:               node1");
  });

  test("explain shows fields with their words, of built-in and of custom kinds", async () => {
    const text = await cluster.run("explain service.spec.externalTrafficPolicy");
    expect(text).toContain("FIELD: externalTrafficPolicy <string>");
    expect(text).toMatch(/ENUM:\s+Cluster\s+Local/);
    expect(await cluster.run("explain deployment.spec.template.spec.containers")).toContain(
      "image\t<string>",
    );
    expect(await cluster.run("explain crd --recursive")).toContain("openAPIV3Schema");
  });

  test("scale, and rollout status of a Deployment whose status is written", async () => {
    await cluster.run("create -f -", deployment(1));
    expect(await cluster.run("scale deploy web --replicas=2")).toBe("deployment.apps/web scaled\n");
    const rollout = cluster.run("rollout status deploy/web --timeout=20s");
    const counts = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
    const status = { observedGeneration: 2, ...counts, conditions: [] };
    await cluster.api.client.patch(
      resources.deployments,
      { name: "web", namespace: "default", subresource: "status" },
      "merge",
      { status },
    );
    expect(await rollout).toContain('deployment "web" successfully rolled out');
    expect(await cluster.run("get deploy web --no-headers")).toMatch(/^web +2\/2 +2 +2 /);
    expect(await cluster.run("describe deploy web")).toContain(
      "2 desired | 2 updated | 2 total | 2 available",
    );
  });

  test("bad input is told precisely", async () => {
    const refused = (manifest: string) => cluster.refusal("apply -f -", manifest);
    expect(await refused(service("bad", "foo: 1"))).toContain(
      'strict decoding error: unknown field "spec.foo"',
    );
    expect(await refused(service("bad").replace("port: 80", "port: eighty"))).toContain(
      "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
    );
    expect(await refused(service("bad").replace("port: 80", "port: 99999, targetPort: 1"))).toContain(
      'The Service "bad" is invalid: spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive',
    );
    expect(await refused(service("bad").replace("type: LoadBalancer", "type: Loadbalancer"))).toContain(
      'spec.type: Unsupported value: "Loadbalancer": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    );
    expect(await refused(service("bad, namespace: nope"))).toContain('namespaces "nope" not found');
    expect(await refused(service("Bad_Name"))).toContain("a DNS-1035 label must consist of");
    expect(await cluster.refusal("get foos")).toContain('the server doesn\'t have a resource type "foos"');
    expect(await cluster.refusal("get svc --field-selector spec.foo=x")).toContain(
      "field label not supported: spec.foo",
    );
    expect(await cluster.refusal("delete ns default")).toContain("this namespace may not be deleted");
  });

  test("a namespace is deleted with what is in it", async () => {
    await cluster.run("create -f -", "apiVersion: v1\nkind: Namespace\nmetadata: {name: full}");
    await cluster.run("create -n full -f -", service("inside"));
    expect(await cluster.run("delete ns full")).toBe('namespace "full" deleted\n');
    expect(await cluster.run("get svc -A -o name")).not.toContain("inside");
  });

  test("a CustomResourceDefinition is served like a built-in kind", async () => {
    expect(await cluster.run("apply -f -", widgetDefinition)).toContain("widgets.example.io created");
    expect(await cluster.run("apply -f -", widgetDefinition)).toContain("widgets.example.io unchanged");
    await cluster.run("wait crd/widgets.example.io --for=condition=established --timeout=20s");
    const widget = `
apiVersion: example.io/v1
kind: Widget
metadata: {name: one}
spec: {addresses: [192.168.1.240-192.168.1.250]}
`;
    expect(await cluster.run("apply -f -", widget)).toBe("widget.example.io/one created\n");
    expect(await cluster.run("apply -f -", widget)).toBe("widget.example.io/one unchanged\n");
    const table = await cluster.run("get wd");
    expect(table).toMatch(
      /^NAME +SIZE +ADDRESSES +AGE\none +3 +\["192\.168\.1\.240-192\.168\.1\.250"\] +\d+s\n$/,
    );
    expect(await cluster.run("explain wd.spec.size")).toContain("How big");
    expect(await cluster.run("scale wd/one --replicas=5")).toBe("widget.example.io/one scaled\n");
    expect(await cluster.run("get all -o name")).toContain("widget.example.io/one");
    const refused = (from: string, to: string) => cluster.refusal("apply -f -", widget.replace(from, to));
    expect(await refused("addresses: [192.168.1.240-192.168.1.250]", "")).toContain(
      'The Widget "one" is invalid: spec.addresses: Required value',
    );
    expect(await refused("spec: {", "spec: {size: 50, ")).toContain(
      "spec.size: Invalid value: 50: spec.size in body should be less than or equal to 10",
    );
    expect(await refused("spec: {", "spec: {foo: 1, ")).toContain(
      'strict decoding error: unknown field "spec.foo"',
    );
    expect(await cluster.run("apply --server-side -f -", widget)).toBe(
      "widget.example.io/one serverside-applied\n",
    );
    expect(await cluster.run("delete crd widgets.example.io")).toContain("deleted");
    expect(await cluster.refusal("get wd")).toContain("could not find the requested resource");
  });

  test.skipIf(metallbDefinitions.length === 0)("MetalLB's definitions are accepted and served", async () => {
    for (const file of metallbDefinitions) await cluster.run(`apply -f ${file}`);
    const pool = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: first-pool}
spec: {addresses: [192.168.1.240-192.168.1.250]}
`;
    await cluster.run("apply -f -", pool);
    expect(await cluster.run("get ipaddresspools --no-headers")).toMatch(/^first-pool +true +false +\["192/);
    expect(
      await cluster.refusal(
        "apply -f -",
        pool.replace("spec: {addresses: [192.168.1.240-192.168.1.250]}", "spec: {}"),
      ),
    ).toContain('The IPAddressPool "first-pool" is invalid: spec.addresses: Required value');
  });
});

const widgetDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.io}
spec:
  group: example.io
  scope: Namespaced
  names: {kind: Widget, plural: widgets, shortNames: [wd], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Addresses, type: string, jsonPath: .spec.addresses}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}
    schema:
      openAPIV3Schema:
        type: object
        description: Widget is a thing of the tests.
        required: [spec]
        properties:
          spec:
            type: object
            required: [addresses]
            properties:
              size: {type: integer, minimum: 1, maximum: 10, default: 3, description: How big}
              addresses: {type: array, minItems: 1, items: {type: string, pattern: "^[0-9./-]+$"}}
          status: {type: object, properties: {size: {type: integer}}}
`;
