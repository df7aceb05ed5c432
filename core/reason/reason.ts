import { reasonTexts } from "./texts.ts";

export type ReasonCode = keyof typeof reasonTexts;
export type ReasonParams = Readonly<Record<string, string | number>>;

/** A decision's reason: its code, and the values that the sentence names. */
export interface Reason {
  readonly code: ReasonCode;
  readonly params: ReasonParams;
}

export function reason(code: ReasonCode, params: ReasonParams = {}): Reason {
  return { code, params };
}

/** The English sentence, without a full stop; `{name}` in the template stands for the parameter. */
export function reasonText(why: Reason): string {
  return reasonTexts[why.code].replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(why.params[name] ?? whole),
  );
}
