import type { KubeObject } from "#k8s/mod.ts";
import { type FieldError, invalid, required } from "../../field_error.ts";
import { isEqual, isRecord, record } from "../../object.ts";
import { labelSelectorText, parseLabelSelector } from "../../selectors/mod.ts";
import type { Strategy } from "../kind.ts";
import { completePodSpec } from "./pod.ts";

/** Deployments, ReplicaSets, DaemonSets and StatefulSets: a selector, and a template of the pods that it selects. */
export const workloadStrategy: Strategy = {
  complete(draft) {
    const spec = record(draft, "spec");
    const template = record(spec, "template");
    if (isRecord(template.spec)) completePodSpec(template.spec);
    if (draft.kind === "ReplicaSet" || draft.kind === "StatefulSet") return;
    completeRollingUpdate(
      draft.kind === "Deployment" ? record(spec, "strategy") : record(spec, "updateStrategy"),
      {
        ...(draft.kind === "Deployment"
          ? { maxUnavailable: "25%", maxSurge: "25%" }
          : { maxUnavailable: 1, maxSurge: 0 }),
      },
    );
  },
  prepareForCreate(draft) {
    draft.status = {};
  },
  validate: validateSelector,
  validateUpdate(draft, before) {
    const [selector, old] = [record(draft, "spec").selector, record(before, "spec").selector];
    return isEqual(selector, old) ? [] : [invalid("spec.selector", selector, "field is immutable")];
  },
};

function completeRollingUpdate(strategy: Record<string, unknown>, defaults: Record<string, unknown>): void {
  if (strategy.type === "RollingUpdate") strategy.rollingUpdate ??= defaults;
}

function validateSelector(draft: KubeObject): FieldError[] {
  const spec = record(draft, "spec");
  if (!isRecord(spec.selector) || !isRecord(spec.template)) return [];
  const text = labelSelectorText(spec.selector);
  if (text === "") {
    return [invalid("spec.selector", spec.selector, "empty selector is invalid for workloads")];
  }
  const labels = record(record(spec.template, "metadata"), "labels") as Record<string, string>;
  const errors: FieldError[] = [];
  if (parseLabelSelector(text)?.(labels) !== true) {
    const detail = "`selector` does not match template `labels`";
    errors.push(invalid("spec.template.metadata.labels", labels, detail));
  }
  if (!isRecord(record(spec, "template").spec)) errors.push(required("spec.template.spec.containers"));
  return errors;
}
