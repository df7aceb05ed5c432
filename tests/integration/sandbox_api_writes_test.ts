/** What an unmodified kubectl shows of writes that several managers make, and of rules that a definition carries. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

// A dozen starts of kubectl take a second here; a machine with other work needs longer.
setDefaultTimeout(60_000);

describe.skipIf(!hasKubectl)("kubectl's writes on the sandbox API", () => {
  let cluster: ApiOnLoopback;
  beforeAll(async () => {
    cluster = await ApiOnLoopback.start();
  });
  afterAll(() => cluster?.stop());

  const service = (name: string, port: number, policy = "Cluster") => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec:
  type: LoadBalancer
  externalTrafficPolicy: ${policy}
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: ${port}}]
`;
  const apply = "apply --server-side -f -";

  test("an apply over another manager's field is a conflict with kubectl's hints, until forced", async () => {
    await cluster.run(`${apply} --field-manager=team-a`, service("shared", 8080));
    const refused = await cluster.refusal(`${apply} --field-manager=team-b`, service("shared", 9090));
    expect(refused).toContain(
      'Apply failed with 1 conflict: conflict with "team-a": .spec.ports[port=80,protocol="TCP"].targetPort',
    );
    expect(refused).toContain("--force-conflicts");
    const forced = `${apply} --field-manager=team-b --force-conflicts`;
    expect(await cluster.run(forced, service("shared", 9090))).toBe("service/shared serverside-applied\n");
    const shown = await cluster.run("get svc shared --show-managed-fields -o yaml");
    expect(shown).toContain('k:{"port":80,"protocol":"TCP"}:');
    expect(shown).toMatch(/manager: team-b\n +operation: Apply/);
    expect(await cluster.run("get svc shared -o yaml")).not.toContain("managedFields");
  });

  test("an edit by hand is kubectl-edit's, and an apply meets it", async () => {
    await cluster.run(apply, service("edited", 8080));
    const { code } = await cluster.kubectl(["edit", "svc", "edited"], {
      editor: "sed -i 's/targetPort: 8080/targetPort: 7070/'",
    });
    expect(code).toBe(0);
    expect(await cluster.refusal(apply, service("edited", 8080))).toContain(
      'conflict with "kubectl-edit" using v1: .spec.ports[port=80,protocol="TCP"].targetPort',
    );
  });

  test("a server-side apply goes on where client-side apply left off, and removes what it drops", async () => {
    const labelled = service("moved", 8080).replace("{name: moved}", "{name: moved, labels: {a: x, b: x}}");
    await cluster.run("apply -f -", labelled);
    const fewer = labelled.replace("labels: {a: x, b: x}", "labels: {a: other}");
    expect(await cluster.run(apply, fewer)).toBe("service/moved serverside-applied\n");
    expect(await cluster.run("get svc moved -o jsonpath='{.metadata.labels}'")).toBe('{"a":"other"}');
    const managers = "get svc moved --show-managed-fields -o jsonpath='{.metadata.managedFields[*].manager}'";
    expect(await cluster.run(managers)).not.toContain("kubectl-client-side-apply");
    const version = "get svc moved -o jsonpath='{.metadata.resourceVersion}'";
    const before = await cluster.run(version);
    await cluster.run(apply, fewer);
    expect(await cluster.run(version)).toBe(before);
    // And back again.
    expect(await cluster.run("apply -f -", fewer)).toMatch(/service\/moved (unchanged|configured)/);
  });

  test("a rule of a definition refuses by its message, and a definition whose rule may cost too much is refused", async () => {
    expect(await cluster.run("apply -f -", rangeDefinition("maxItems: 10", "maxLength: 32"))).toContain(
      "created",
    );
    const range = (low: number, high: number) => `
apiVersion: example.io/v1
kind: Range
metadata: {name: one}
spec: {low: ${low}, high: ${high}, names: [a, b]}
`;
    expect(await cluster.refusal("apply -f -", range(3, 2))).toContain(
      'The Range "one" is invalid: spec: Invalid value: "object": low 3 is above high 2',
    );
    expect(await cluster.run("apply -f -", range(1, 2))).toBe("range.example.io/one created\n");
    expect(await cluster.refusal(`patch range one --type merge -p '{"spec":{"low":0}}'`)).toContain(
      'spec.low: Invalid value: "integer": low only grows',
    );
    const costly = await cluster.refusal("apply -f -", rangeDefinition("minItems: 0", "minLength: 0"));
    expect(costly).toContain(
      "spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[1].rule",
    );
    expect(costly).toContain("exceeds budget by factor of more than 100x");
  });
});

const rangeDefinition = (listBound: string, textBound: string) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ranges.example.io}
spec:
  group: example.io
  scope: Namespaced
  names: {kind: Range, plural: ranges}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [low, high]
            x-kubernetes-validations:
            - rule: self.low <= self.high
              messageExpression: "'low ' + string(self.low) + ' is above high ' + string(self.high)"
            - rule: "!has(self.names) || self.names.all(a, self.names.exists_one(b, a == b))"
              message: names are unique
            properties:
              low: {type: integer, x-kubernetes-validations: [{rule: self >= oldSelf, message: low only grows}]}
              high: {type: integer}
              names: {type: array, ${listBound}, items: {type: string, ${textBound}}}
`;
