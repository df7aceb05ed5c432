import {
  type Config,
  type ConfigFinding,
  type ConfigIssue,
  type ConfigResources,
  lint,
  parseConfig,
  type Resource,
  validateRemoval,
  validateResource,
} from "#core/config/mod.ts";
import { reasonText } from "#core/reason/mod.ts";
import type { NodeView, ServiceBook } from "#core/service/mod.ts";
import type { Informer, VersionedService } from "#k8s/mod.ts";
import type { AdmissionPort, AdmissionRequest, AdmissionVerdict } from "#server/ports.ts";
import { fieldWarnings, servicesTouched } from "./admission_warnings.ts";
import { lintFacts } from "./findings.ts";

interface Parts {
  /** Whose configuration is read. */
  namespace: string;
  /** Every object of the namespace as it is stored; undefined until all kinds are listed. */
  resources(): ConfigResources | undefined;
  services: Pick<Informer<VersionedService>, "values">;
  nodes: Pick<Informer<NodeView>, "values">;
  book: Pick<ServiceBook, "decision" | "decisions">;
  speakers: { gateways(): string[] };
}

const lists: Readonly<Record<string, keyof Config | "communities">> = {
  IPAddressPool: "pools",
  L2Advertisement: "l2Advertisements",
  BGPAdvertisement: "bgpAdvertisements",
  BGPPeer: "peers",
  BFDProfile: "bfdProfiles",
  Community: "communities",
};
const allowed: AdmissionVerdict = { issues: [], warnings: [] };
/** The API server cuts what is more. */
const warningsMax = 16;

/** Judges writes by the same code that judges what is stored, against the caches. */
export class Admission implements AdmissionPort {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  review(request: AdmissionRequest): AdmissionVerdict | undefined {
    const { operation, kind, namespace, object, oldObject, isBeingDeleted } = request;
    if (namespace !== this.#parts.namespace) return this.#elsewhere(request);
    const list = lists[kind];
    if (!list || isBeingDeleted || (object && oldObject && saysTheSame(object, oldObject))) return allowed;
    const stored = this.#parts.resources();
    if (!stored) return undefined;
    const nodes = [...this.#parts.nodes.values()];
    const before: ConfigResources = { ...stored, ...(nodes.length > 0 && { nodes }) };
    if (operation === "DELETE" || !object) {
      const removed = oldObject ?? { kind, metadata: { name: request.name } };
      const issues = validateRemoval(removed, before);
      return { issues, warnings: issues.length > 0 ? [] : this.#warnings(request, list, before, undefined) };
    }
    const issues = validateResource(object, before);
    return {
      issues,
      warnings: [
        ...fieldWarnings(object, namespace),
        ...(issues.length > 0 ? [] : this.#warnings(request, list, before, object)),
      ],
    };
  }

  #elsewhere({ operation, namespace }: AdmissionRequest): AdmissionVerdict {
    const { namespace: own } = this.#parts;
    const sentence = `objects of namespace "${namespace}" are not read; the configuration is in namespace "${own}"`;
    if (operation !== "CREATE") return { issues: [], warnings: operation === "UPDATE" ? [sentence] : [] };
    const path = "metadata.namespace";
    const issue = { path, code: "object.namespace", message: `${path}: ${sentence}; create it there` };
    return { issues: [{ ...issue, kind: "", name: "" }], warnings: [] };
  }

  /** What the write does to Services, what is odd about the object, and what it makes odd about others. */
  #warnings(
    { operation, kind, name }: AdmissionRequest,
    list: keyof Config | "communities",
    before: ConfigResources,
    object: Resource | undefined,
  ): string[] {
    const { book } = this.#parts;
    const rest = before[list].filter(({ metadata }) => metadata.name !== name);
    const after = { ...before, [list]: object ? [...rest, object] : rest };
    const [was, is] = [parseConfig(before), parseConfig(after)];
    const facts = lintFacts(this.#parts);
    const known = new Set(lint(was.config, facts).map(keyOf));
    const findings = lint(is.config, facts).filter((finding) => {
      // `kubectl apply` of a file may bring the advertisement a moment later.
      if (operation === "CREATE" && finding.why.code === "lint.pool-unadvertised") return false;
      return isAbout(finding, kind, name) || !known.has(keyOf(finding));
    });
    const touched = kind === "IPAddressPool" ? servicesTouched(name, was.config, is.config, book) : [];
    return [
      ...touched,
      ...newlyRejected(was.issues, is.issues),
      ...findings.map((finding) => wordsOf(finding, kind, name)),
    ].slice(0, warningsMax);
  }
}

/** Of finalizers, owners and the like the configuration knows nothing: even an object that is rejected may get them. */
function saysTheSame(a: Resource, b: Resource): boolean {
  const said = ({ metadata, spec }: Resource) => ({
    spec,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
  });
  return Bun.deepEquals(said(a), said(b));
}

/** Objects that were in force and are not after the write, such as an advertisement whose alias is deleted. */
function newlyRejected(before: readonly ConfigIssue[], after: readonly ConfigIssue[]): string[] {
  const known = new Set(before.map(({ kind, name }) => `${kind}/${name}`));
  return after
    .filter(({ kind, name }) => !known.has(`${kind}/${name}`))
    .map(({ kind, name, message }) => `${kind} "${name}" is rejected by this write: ${message}`);
}

function isAbout(finding: ConfigFinding, kind: string, name: string): boolean {
  return finding.kind === kind && finding.name === name;
}

function keyOf({ kind, name, path, why }: ConfigFinding): string {
  return `${kind}/${name} ${path} ${why.code}`;
}

function wordsOf(finding: ConfigFinding, kind: string, name: string): string {
  const subject = isAbout(finding, kind, name) ? "" : `${finding.kind} "${finding.name}": `;
  return `${subject}${finding.path}: ${reasonText(finding.why)}`;
}
