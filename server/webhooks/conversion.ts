import * as v from "valibot";
import { convertObject } from "#core/config/conversion/mod.ts";
import { readReview } from "./review.ts";

/** apiextensions.k8s.io/v1 ConversionReview, as far as it is used. */
const schema = v.object({
  apiVersion: v.literal("apiextensions.k8s.io/v1"),
  kind: v.literal("ConversionReview"),
  request: v.object({
    uid: v.pipe(v.string(), v.nonEmpty()),
    desiredAPIVersion: v.string(),
    objects: v.array(v.unknown()),
  }),
});

/** All objects in the desired version, in their order; one that cannot be converted fails the review, as it must. */
export function answerConversion(body: string): object {
  const { apiVersion, kind, request } = readReview("a ConversionReview", schema, body);
  const { uid, desiredAPIVersion, objects } = request;
  const answers = objects.map((object) => convertObject(object, desiredAPIVersion));
  const failed = answers.flatMap((answer) => ("failed" in answer ? [answer.failed] : []));
  const result =
    failed.length > 0
      ? { status: "Failure", reason: "BadRequest", code: 400, message: failed.join("; ") }
      : { status: "Success" };
  return {
    apiVersion,
    kind,
    response: {
      uid,
      result,
      convertedObjects:
        failed.length > 0
          ? []
          : answers.flatMap((answer) => ("converted" in answer ? [answer.converted] : [])),
    },
  };
}
