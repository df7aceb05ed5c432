/** Hears of a request that failed by a fault of ours, so that it is written where everything else is. */
export type Fault = (what: string, fields: { error: unknown; stack?: string }) => void;

/** What is worth writing of it. */
export function faultFields(error: Error): { error: Error; stack?: string } {
  return { error, ...(error.stack !== undefined && { stack: error.stack }) };
}

/** Where nobody else hears of it. */
export const toStandardError: Fault = (what, fields) => console.error(what, fields);
