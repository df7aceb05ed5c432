import * as v from "valibot";

/** A request that is no review we can answer: HTTP 400, in words. */
export class MalformedReview extends Error {
  override readonly name = "MalformedReview";
}

/** The body by its schema, or what is wrong with it and where. */
export function readReview<Schema extends v.GenericSchema>(
  what: string,
  schema: Schema,
  body: string,
): v.InferOutput<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    throw new MalformedReview(`the body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const details = result.issues.map((issue) => `${v.getDotPath(issue) ?? "body"}: ${issue.message}`);
  throw new MalformedReview(`the body is not ${what}: ${details.slice(0, 5).join("; ")}`);
}
