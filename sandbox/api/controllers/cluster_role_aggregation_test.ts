import { describe, expect, test } from "bun:test";
import { records } from "../object.ts";
import { caller, type TestApi, testApi } from "../testing.ts";

const group = "rbac.authorization.k8s.io";
const roles = `/apis/${group}/v1/clusterroles`;
const rule = (resource: string, verbs = ["get"]) => ({
  apiGroups: ["example.io"],
  resources: [resource],
  verbs,
});
const resourcesOf = async ({ call }: TestApi, name: string) =>
  records((await call("GET", `${roles}/${name}`)).body, "rules").flatMap((each) => each.resources);

describe("aggregated ClusterRoles", () => {
  test("have the rules of the roles that they select, as these come, change and go", async () => {
    const sandbox = testApi();
    const { call } = sandbox;
    const part = (name: string, labels: object, rules: object[]) =>
      call("POST", roles, { metadata: { name, labels }, rules });
    const clusterRoleSelectors = [{ matchLabels: { to: "whole" } }];
    await part("z", { to: "whole" }, [rule("first")]);
    await call("POST", roles, {
      metadata: { name: "whole" },
      aggregationRule: { clusterRoleSelectors },
      rules: [rule("forged")],
    });
    expect(await resourcesOf(sandbox, "whole")).toEqual(["first"]);
    await part("a", { to: "whole" }, [rule("second"), rule("first")]);
    await part("other", { to: "elsewhere" }, [rule("third")]);
    expect(await resourcesOf(sandbox, "whole")).toEqual(["second", "first"]);
    await call("PATCH", `${roles}/whole`, { rules: [] }, "merge");
    expect(await resourcesOf(sandbox, "whole")).toEqual(["second", "first"]);
    await call("PATCH", `${roles}/z`, { metadata: { labels: { to: "nobody" } } }, "merge");
    await call("DELETE", `${roles}/a`);
    expect(await resourcesOf(sandbox, "whole")).toEqual([]);
  });

  test("a role labelled for view is in view, edit and admin, and counts for who is bound to them", async () => {
    const sandbox = testApi();
    await sandbox.call("POST", roles, {
      metadata: { name: "pools", labels: { [`${group}/aggregate-to-view`]: "true" } },
      rules: [rule("pools", ["list"])],
    });
    for (const name of ["view", "edit", "admin"]) {
      expect(await resourcesOf(sandbox, name)).toContain("pools");
    }
    await sandbox.call("POST", `/apis/${group}/v1/namespaces/default/rolebindings`, {
      metadata: { name: "b" },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: "view" },
      subjects: [{ apiGroup: group, kind: "User", name: "ann" }],
    });
    sandbox.api.addToken("t", { username: "ann", groups: [] });
    const ann = caller(sandbox.api, "t");
    const inDefault = "/api/v1/namespaces/default";
    // No such kind is served: what is asked is allowed, and then not found.
    expect((await ann("GET", "/apis/example.io/v1/namespaces/default/pools")).status).toBe(404);
    expect((await ann("GET", `${inDefault}/services`)).status).toBe(200);
    expect((await ann("GET", `${inDefault}/secrets`)).status).toBe(403);
    expect((await ann("DELETE", `${inDefault}/services/kubernetes`)).status).toBe(403);
    expect((await ann("GET", "/api/v1/nodes")).status).toBe(403);
  });

  test("what admin may do more than edit, and edit more than view, is as in a real cluster", async () => {
    const sandbox = testApi();
    const [view, edit, admin] = await Promise.all(
      ["view", "edit", "admin"].map((name) => resourcesOf(sandbox, name)),
    );
    expect(view).not.toContain("secrets");
    expect(edit).toContain("secrets");
    expect(edit).toContain("pods/eviction");
    expect(edit).not.toContain("rolebindings");
    expect(admin).toContain("rolebindings");
    expect(admin).toEqual(expect.arrayContaining(edit ?? []));
    expect(edit).toEqual(expect.arrayContaining(view ?? []));
  });
});
