/**
 * What a container runtime's default profile refuses (Docker documentation, "Significant syscalls blocked by the default
 * profile", and io_uring, which containerd's refuses since 1.7): `RuntimeDefault` of the manifests. The runtimes say it
 * the other way round, by a list of what they allow, which also refuses calls that are newer than they are.
 */
const refused = [
  "acct add_key bpf clock_adjtime clock_settime create_module delete_module finit_module get_kernel_syms",
  "get_mempolicy init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind mount",
  "move_pages nfsservctl open_by_handle_at perf_event_open pivot_root process_vm_readv process_vm_writev",
  "ptrace query_module quotactl reboot request_key set_mempolicy setns settimeofday stime swapon swapoff",
  "sysfs _sysctl umount umount2 unshare uselib userfaultfd ustat vm86 vm86old",
  "io_uring_setup io_uring_enter io_uring_register",
].flatMap((line) => line.split(" "));

export const defaultProfile = {
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [{ names: refused, action: "SCMP_ACT_ERRNO", errnoRet: 1 }],
};
