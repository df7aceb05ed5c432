import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

// A dozen starts of kubectl take a second here; a machine with other work needs longer.
setDefaultTimeout(60_000);

/** Who asks, with unmodified kubectl: tokens of ServiceAccounts, what they may, and acting as another. */
describe.skipIf(!hasKubectl)("kubectl and the users of the sandbox API", () => {
  let cluster: ApiOnLoopback;
  beforeAll(async () => {
    cluster = await ApiOnLoopback.start();
    await cluster.run(
      "apply -f -",
      `
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
---
apiVersion: v1
kind: Secret
metadata: {name: life}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules:
- {apiGroups: [""], resources: [services], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: robot, namespace: default}]
`,
    );
  });
  afterAll(() => cluster?.stop());

  /** A kubectl that carries the token and no other credential. */
  async function withToken(token: string) {
    const file = `${cluster.directory}/kubeconfig`;
    const config = await Bun.file(file).text();
    const mine = `${cluster.directory}/robot.kubeconfig`;
    await Bun.write(mine, config.replace(/token: .*/, `token: ${token}`));
    return `--kubeconfig ${mine}`;
  }

  test("create token makes a token that kubectl works with, as far as the ServiceAccount may", async () => {
    const token = (await cluster.run("create token robot --duration 20m")).trim();
    const { exp, iat } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    expect(exp - iat).toBe(1_200);
    const as = await withToken(token);
    expect(await cluster.run(`get svc -o name ${as}`)).toBe("service/kubernetes\n");
    expect(await cluster.refusal(`get pods ${as}`)).toContain(
      'pods is forbidden: User "system:serviceaccount:default:robot" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    const who = await cluster.run(`auth whoami ${as}`);
    expect(who).toMatch(/^Username +system:serviceaccount:default:robot$/m);
    expect(who).toMatch(
      /^Groups +\[system:serviceaccounts system:serviceaccounts:default system:authenticated\]$/m,
    );
    const rules = await cluster.run(`auth can-i --list ${as}`);
    expect(rules).toMatch(/^services +\[\] +\[\] +\[get list\]$/m);
    expect(rules).toMatch(/^ +\[\/healthz\] +\[\] +\[get\]$/m);
    expect(rules).not.toContain("secrets");
  });

  test("a token that is bound to a Secret dies with it; one for others is not for the API", async () => {
    const bound = await cluster.run("create token robot --bound-object-kind Secret --bound-object-name life");
    const as = await withToken(bound.trim());
    expect(await cluster.run(`get svc -o name ${as}`)).toBe("service/kubernetes\n");
    await cluster.run("delete secret life");
    expect(await cluster.refusal(`get svc ${as}`)).toContain("You must be logged in to the server");
    const other = (await cluster.run("create token robot --audience vault --audience x")).trim();
    expect(await cluster.refusal(`get svc ${await withToken(other)}`)).toContain("must be logged in");
    const review = JSON.stringify({
      ...{ apiVersion: "authentication.k8s.io/v1", kind: "TokenReview" },
      spec: { token: other, audiences: ["vault", "api"] },
    });
    const seen = await cluster.run(
      "create -f - -o jsonpath='{.status.authenticated} {.status.audiences}'",
      review,
    );
    expect(seen).toBe('true ["vault"]');
  });

  test("create token says why it cannot", async () => {
    expect(await cluster.refusal("create token nobody")).toBe(
      'error: failed to create token: serviceaccounts "nobody" not found\n',
    );
    expect(await cluster.refusal("create token robot --duration 1m")).toContain(
      "spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
    );
    expect(
      await cluster.refusal("create token robot --bound-object-kind Pod --bound-object-name none"),
    ).toContain('pods "none" not found');
  });

  test("--as acts as another, with his groups, where the one who asks may", async () => {
    const who = await cluster.run("auth whoami --as bob --as-group dev --as-group ops --as-uid 7");
    expect(who).toMatch(/^Username +bob$/m);
    expect(who).toMatch(/^UID +7$/m);
    expect(who).toMatch(/^Groups +\[dev ops system:authenticated\]$/m);
    const robot = "system:serviceaccount:default:robot";
    expect(await cluster.run(`auth can-i list services --as ${robot}`)).toBe("yes\n");
    expect(await cluster.refusal("get svc --as bob")).toContain('User "bob" cannot list resource "services"');
    const as = await withToken((await cluster.run("create token robot")).trim());
    expect(await cluster.refusal(`get svc --as bob ${as}`)).toContain(
      `users "bob" is forbidden: User "${robot}" cannot impersonate resource "users" in API group "" at the cluster scope`,
    );
  });
});
