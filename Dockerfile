# syntax=docker/dockerfile:1
# The image by a container engine: the same files as `./run image` makes, laid out by the same code. For both architectures:
#
#   docker buildx build --platform linux/amd64,linux/arm64 --tag <registry>/metallb-ts:0.1.0 --push .
#
# The first stage runs on the machine's own architecture and compiles for the other: nothing is emulated.

FROM --platform=$BUILDPLATFORM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates npm && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
ARG TARGETARCH
# run provides the pinned Bun and the locked packages; apt-get update is for the C library of the other architecture.
RUN apt-get update && ./run image --platform "linux/${TARGETARCH}" --root /root-filesystem

FROM scratch
COPY --from=build /root-filesystem /
# BUN_JSC_forceRAMSize: k8s/image/environment.ts says why.
ENV BUN_JSC_forceRAMSize=100000000
# The controller's; the manifests make the speaker root with NET_RAW alone.
USER 65534:65534
WORKDIR /
ENTRYPOINT ["/usr/bin/metallb"]
LABEL org.opencontainers.image.title="metallb-ts" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
