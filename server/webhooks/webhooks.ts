import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { type Fault, faultFields, toStandardError } from "../fault.ts";
import type { AdmissionPort } from "../ports.ts";
import { answerAdmission } from "./admission.ts";
import { answerConversion } from "./conversion.ts";
import { conversionPath, validatedKinds } from "./paths.ts";
import { MalformedReview } from "./review.ts";

export interface WebhookOptions {
  admission: AdmissionPort;
  /** Hears of faults of ours. */
  fault?: Fault;
}

/** The API server's own limit of a request is 3 MiB; a review carries an object twice, a conversion a list of them. */
const bodyBytesMax = 16 * 1024 * 1024;

/** Answers AdmissionReviews at MetalLB's paths and ConversionReviews at /convert. TLS is the caller's. */
export function createWebhooks({ admission, fault = toStandardError }: WebhookOptions): Hono {
  const app = new Hono();
  app.use(
    bodyLimit({
      maxSize: bodyBytesMax,
      onError: (c) => c.text(`the body is larger than ${bodyBytesMax} bytes`, 413),
    }),
  );
  for (const { path, kind } of validatedKinds) {
    app.post(path, async (c) => {
      const answer = answerAdmission(kind, await c.req.text(), admission);
      if (answer) return c.json(answer);
      c.header("Retry-After", "1");
      return c.text("the controller has not listed the configuration yet; try again in a moment", 503);
    });
  }
  app.post(conversionPath, async (c) => c.json(answerConversion(await c.req.text())));
  app.notFound((c) => c.text(`${c.req.method} ${c.req.path} is not a webhook of this server`, 404));
  app.onError((error, c) => refuse(error, c, fault));
  return app;
}

function refuse(error: Error, c: Context, fault: Fault): Response {
  if (error instanceof MalformedReview) return c.text(error.message, 400);
  fault(`webhook: ${c.req.path} failed`, faultFields(error));
  return c.text("the review failed by a fault of the controller; its log says which", 500);
}
