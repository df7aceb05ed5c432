import { isRecord } from "../object.ts";

/** RFC 7386 §2, `MergePatch(Target, Patch)`. The target may be changed; the result may share parts of the patch. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result = isRecord(target) ? target : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(result[key], value);
  }
  return result;
}
