import type { KubeObject } from "#k8s/mod.ts";
import { duplicate, type FieldError, forbidden, invalid } from "../../field_error.ts";
import { isEqual, isRecord, record, records, text } from "../../object.ts";
import type { Strategy } from "../kind.ts";
import { dnsLabel } from "../names.ts";

/** Fields of a running pod's spec that may change (core/validation ValidatePodUpdate); containers only by image. */
const mutableFields = [
  "activeDeadlineSeconds",
  "tolerations",
  "terminationGracePeriodSeconds",
  "schedulingGates",
];

export const podStrategy: Strategy = {
  complete(draft) {
    if (!isRecord(draft.spec)) return;
    completePodSpec(draft.spec);
    draft.spec.enableServiceLinks ??= true;
    draft.spec.serviceAccountName ??= "default";
    draft.spec.serviceAccount = draft.spec.serviceAccountName;
  },
  prepareForCreate(draft) {
    draft.status = { phase: "Pending", qosClass: qosClass(record(draft, "spec")) };
  },
  validate(draft) {
    const errors: FieldError[] = [];
    const names = new Set<string>();
    for (const [index, container] of records(draft.spec, "containers").entries()) {
      const name = text(container, "name");
      const wrong = name === "" ? undefined : dnsLabel(name);
      if (wrong !== undefined) errors.push(invalid(`spec.containers[${index}].name`, name, wrong));
      if (names.has(name)) errors.push(duplicate(`spec.containers[${index}].name`, name));
      names.add(name);
    }
    return errors;
  },
  validateUpdate(draft, before) {
    if (isEqual(comparable(draft, before), comparable(before, before))) return [];
    return [
      forbidden(
        "spec",
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
      ),
    ];
  },
};

/** Defaults that depend on other fields (core/v1 SetDefaults_PodSpec, SetDefaults_Container). */
export function completePodSpec(spec: Record<string, unknown>): void {
  for (const list of ["initContainers", "containers"]) {
    for (const container of records(spec, list)) {
      const image = text(container, "image");
      const isLatest = !image.includes("@") && (!/:[^/]+$/.test(image) || image.endsWith(":latest"));
      container.imagePullPolicy ??= isLatest ? "Always" : "IfNotPresent";
      if (spec.hostNetwork !== true) continue;
      for (const port of records(container, "ports")) port.hostPort ??= port.containerPort;
    }
  }
}

/** The spec without what may change. A pod that has no node yet may be given one, as the scheduler's binding does. */
function comparable(pod: KubeObject, before: KubeObject): Record<string, unknown> {
  const spec = structuredClone(record(pod, "spec"));
  for (const field of mutableFields) delete spec[field];
  if (text(record(before, "spec"), "nodeName") === "") delete spec.nodeName;
  for (const list of ["initContainers", "containers"]) {
    for (const container of records(spec, list)) delete container.image;
  }
  return spec;
}

/** core/helper/qos: what the kubelet evicts first. */
function qosClass(spec: Record<string, unknown>): string {
  const resources = records(spec, "containers").map((container) => record(container, "resources"));
  const isSet = (each: Record<string, unknown>, key: string) => Object.keys(record(each, key)).length > 0;
  if (!resources.some((each) => isSet(each, "limits") || isSet(each, "requests"))) return "BestEffort";
  const isGuaranteed = resources.every((each) => {
    const limits = record(each, "limits");
    const requests = { ...limits, ...record(each, "requests") };
    return "cpu" in limits && "memory" in limits && isEqual(limits, requests);
  });
  return isGuaranteed ? "Guaranteed" : "Burstable";
}
