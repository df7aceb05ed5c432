import { defaultProfile } from "./seccomp.ts";

interface SecurityContext {
  runAsUser?: number;
  runAsGroup?: number;
  fsGroup?: number;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  capabilities?: { drop?: string[]; add?: string[] };
}

export interface Container {
  args: string[];
  env: { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[];
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  securityContext?: SecurityContext;
}

export interface PodSpec {
  containers: Container[];
  securityContext?: SecurityContext & { seccompProfile?: { type: string } };
}

/** Of the OCI image's configuration. */
export interface ImageConfig {
  User: string;
  Env: string[];
  Entrypoint: string[];
  WorkingDir: string;
}

export interface Circumstances {
  root: string;
  image: ImageConfig;
  /** `metadata.name` -> value. */
  fields: Record<string, string>;
  /** Directory of each volume; one that is not there is left out, as an optional ConfigMap is. */
  volumes: Record<string, string>;
  /** Directory with the files of the service account. */
  serviceAccount: string;
  /** Where the API server listens. */
  api: { host: string; port: number };
}

const bind = (source: string, destination: string) => ({
  source,
  destination,
  type: "bind",
  options: ["bind", "ro", "nosuid", "nodev", "noexec"],
});

const mounts = [
  { destination: "/proc", type: "proc", source: "proc" },
  { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755"] },
  {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["nosuid", "noexec", "nodev", "mode=1777"],
  },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
];

/**
 * The OCI runtime's configuration for the first container of a Pod, as kubelet and containerd make it: the manifest's
 * user, capabilities, seccomp profile and read-only root over the image's own settings. The network is the caller's.
 */
export function runtimeConfig(pod: PodSpec, circumstances: Circumstances): object {
  const [container] = pod.containers;
  if (!container) throw new Error("the Pod has no container");
  const { root, image, fields, volumes, serviceAccount, api } = circumstances;
  const security = { ...pod.securityContext, ...container.securityContext };
  const [imageUser = "0", imageGroup = "0"] = image.User.split(":");
  const uid = security.runAsUser ?? Number(imageUser);
  if (!security.capabilities?.drop?.includes("ALL"))
    throw new Error("what is not dropped would be the runtime's own set");
  const added = (security.capabilities.add ?? []).map((name) => `CAP_${name}`);
  // A capability that is added is in force for root alone: Kubernetes makes none ambient.
  const inForce = uid === 0 ? added : [];
  const env = container.env.map(({ name, value, valueFrom }) => {
    const path = valueFrom?.fieldRef.fieldPath;
    return `${name}=${path ? fields[path] : value}`;
  });
  const given = (container.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
    const source = volumes[name];
    return source ? [bind(source, mountPath)] : [];
  });
  return {
    ociVersion: "1.0.0",
    root: { path: root, readonly: security.readOnlyRootFilesystem === true },
    process: {
      user: {
        uid,
        gid: security.runAsGroup ?? Number(imageGroup),
        additionalGids: security.fsGroup ? [security.fsGroup] : [],
      },
      args: [...image.Entrypoint, ...container.args],
      env: [
        ...image.Env,
        ...env,
        `KUBERNETES_SERVICE_HOST=${api.host}`,
        `KUBERNETES_SERVICE_PORT=${api.port}`,
      ],
      cwd: image.WorkingDir,
      noNewPrivileges: security.allowPrivilegeEscalation === false,
      capabilities: { bounding: added, effective: inForce, permitted: inForce, inheritable: [], ambient: [] },
    },
    mounts: [...mounts, ...given, bind(serviceAccount, "/var/run/secrets/kubernetes.io/serviceaccount")],
    linux: {
      namespaces: ["pid", "ipc", "uts", "mount"].map((type) => ({ type })),
      maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
      ...(pod.securityContext?.seccompProfile?.type === "RuntimeDefault" && { seccomp: defaultProfile }),
    },
  };
}
