/** What is wrong, one sentence each; or why that cannot be told. */
export interface Verdict {
  readonly issues: readonly string[];
  /** Objects that could not be listed: what is unknown is not valid. */
  readonly unknown?: string;
}

/** metav1.Condition. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export interface ConfigurationStatus {
  readonly result: "Valid" | "Invalid" | "Unknown";
  readonly errorSummary: string;
  readonly conditions: readonly Condition[];
}

/** metav1.Condition's own limit. */
const messageMax = 32_768;

/** The status that says the verdict; `lastTransitionTime` moves only where the condition's status does. */
export function statusOf(
  { issues, unknown }: Verdict,
  type: string,
  before: Partial<ConfigurationStatus> | undefined,
  now: string,
): ConfigurationStatus {
  const invalid = { status: "False", reason: "ConfigurationError" } as const;
  const told = { status: "Unknown", reason: "InfraError" } as const;
  const valid = { status: "True", reason: "Reconciled" } as const;
  const kind = issues.length > 0 ? invalid : unknown === undefined ? valid : told;
  const known = before?.conditions?.find((condition) => condition.type === type);
  const condition: Condition = {
    type,
    ...kind,
    message: cut(issues.length > 0 ? `configuration error: ${issues.join("\n")}` : (unknown ?? "")),
    lastTransitionTime: known?.status === kind.status ? known.lastTransitionTime : now,
  };
  const results = { False: "Invalid", Unknown: "Unknown", True: "Valid" } as const;
  return {
    result: results[condition.status],
    errorSummary: condition.message,
    conditions: [condition],
  };
}

function cut(message: string): string {
  return message.length > messageMax ? `${message.slice(0, messageMax - 1)}…` : message;
}
