import { parseAddress } from "#core/net/mod.ts";
import { type FieldError, forbidden, invalid } from "../../field_error.ts";
import { isEqual, isRecord, record, records, text } from "../../object.ts";
import type { Strategy } from "../kind.ts";

/** Stores what it is given. */
export const plainStrategy: Strategy = {};

/** As {@link plainStrategy}, for kinds whose status only others write. */
export const emptyStatusStrategy: Strategy = {
  prepareForCreate(draft) {
    draft.status = {};
  },
};

export const namespaceStrategy: Strategy = {
  complete(draft) {
    draft.metadata.labels = { ...draft.metadata.labels, "kubernetes.io/metadata.name": draft.metadata.name };
  },
  prepareForCreate(draft) {
    draft.spec = { finalizers: ["kubernetes"] };
    draft.status = { phase: "Active" };
  },
  prepareForUpdate(draft, before) {
    draft.spec = structuredClone(before.spec);
  },
  refuseDelete: ({ metadata }) =>
    ["default", "kube-system", "kube-public"].includes(metadata.name)
      ? "this namespace may not be deleted"
      : undefined,
};

const dataKey = /^[-._a-zA-Z0-9]{1,253}$/;
const dataKeyProblem =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** ConfigMaps and Secrets: keys that can be file names, and no change once `immutable`. */
export const dataStrategy: Strategy = {
  complete(draft) {
    if (!isRecord(draft.stringData)) return;
    const encoded = Object.entries(draft.stringData).map(([key, value]) => [
      key,
      Buffer.from(String(value)).toString("base64"),
    ]);
    draft.data = { ...record(draft, "data"), ...Object.fromEntries(encoded) };
    delete draft.stringData;
  },
  validate(draft) {
    return ["data", "binaryData"].flatMap((field) =>
      Object.keys(record(draft, field))
        .filter((key) => !dataKey.test(key))
        .map((key) => invalid(`${field}[${key}]`, key, dataKeyProblem)),
    );
  },
  validateUpdate(draft, before) {
    const errors: FieldError[] = [];
    if (draft.kind === "Secret" && draft.type !== before.type) {
      errors.push(invalid("type", draft.type, "field is immutable"));
    }
    if (before.immutable !== true) return errors;
    const detail = "field is immutable when `immutable` is set";
    if (draft.immutable !== true) errors.push(forbidden("immutable", detail));
    for (const field of ["data", "binaryData"]) {
      if (!isEqual(draft[field], before[field])) errors.push(forbidden(field, detail));
    }
    return errors;
  },
};

export const leaseStrategy: Strategy = {
  validate(draft) {
    const { leaseDurationSeconds, leaseTransitions } = record(draft, "spec");
    const errors: FieldError[] = [];
    if (typeof leaseDurationSeconds === "number" && leaseDurationSeconds <= 0) {
      errors.push(invalid("spec.leaseDurationSeconds", leaseDurationSeconds, "must be greater than 0"));
    }
    if (typeof leaseTransitions === "number" && leaseTransitions < 0) {
      errors.push(invalid("spec.leaseTransitions", leaseTransitions, "must be greater than or equal to 0"));
    }
    return errors;
  },
};

export const endpointSliceStrategy: Strategy = {
  validate(draft) {
    const family = { IPv4: "ipv4", IPv6: "ipv6" }[String(draft.addressType)];
    if (family === undefined) return [];
    return records(draft, "endpoints").flatMap((endpoint, index) => {
      const addresses = Array.isArray(endpoint.addresses) ? endpoint.addresses : [];
      return addresses.flatMap((address, at) =>
        parseAddress(String(address))?.family === family
          ? []
          : [
              invalid(
                `endpoints[${index}].addresses[${at}]`,
                address,
                `must be a valid ${draft.addressType} address`,
              ),
            ],
      );
    });
  },
  validateUpdate: (draft, before) =>
    draft.addressType === before.addressType
      ? []
      : [invalid("addressType", draft.addressType, "field is immutable")],
};

const rbac = "rbac.authorization.k8s.io";

/** RoleBindings and ClusterRoleBindings: groups by default, and a role that never changes. */
export const bindingStrategy: Strategy = {
  complete(draft) {
    const role = record(draft, "roleRef");
    if (isRecord(draft.roleRef)) role.apiGroup ||= rbac;
    for (const subject of records(draft, "subjects")) {
      if (text(subject, "kind") !== "ServiceAccount") subject.apiGroup ||= rbac;
    }
  },
  validateUpdate: (draft, before) =>
    isEqual(draft.roleRef, before.roleRef)
      ? []
      : [invalid("roleRef", draft.roleRef, "cannot change roleRef")],
};

export const networkPolicyStrategy: Strategy = {
  complete(draft) {
    const spec = record(draft, "spec");
    if (isRecord(draft.spec)) {
      spec.policyTypes ??= Array.isArray(spec.egress) ? ["Ingress", "Egress"] : ["Ingress"];
    }
  },
};

export const eventStrategy: Strategy = {
  validate(draft) {
    const about = text(record(draft, "involvedObject"), "namespace");
    const own = draft.metadata.namespace ?? "";
    // Events about objects without a namespace live in "default" or "kube-system" (core/validation legacyValidateEvent).
    const isPlaced = about === own || (about === "" && (own === "default" || own === "kube-system"));
    return isPlaced ? [] : [invalid("involvedObject.namespace", about, "does not match event.namespace")];
  },
};
