import { type Say as SayOf, sayer } from "../say.ts";

const english = {
  absent:
    "There is no ConfigMap kube-proxy in kube-system: kube-proxy is replaced (Cilium, Calico eBPF) or configured by flags (k3s: --kube-proxy-arg ipvs-strict-arp=true). Where it runs in IPVS mode, strict ARP must be on.",
  fine: "kube-proxy runs in IPVS mode with strictARP: true. Nothing to do.",
  notNeeded: "kube-proxy runs in {mode} mode, where strictARP does not matter. Nothing to do.",
  mustAct:
    "kube-proxy runs in IPVS mode with strictARP: false: every node answers ARP for every address, not only the announcer. Put it right with: {command} strictarp enable",
  enabled: "strictARP is true now in the ConfigMap kube-proxy. It is in force once kube-proxy has restarted:",
  restarted: "kube-proxy is being restarted node by node.",
} as const;

const korean: Readonly<Record<keyof typeof english, string>> = {
  absent:
    "kube-system 에 kube-proxy ConfigMap 이 없습니다. kube-proxy 가 대체되었거나(Cilium, Calico eBPF) 플래그로 설정됩니다(k3s: --kube-proxy-arg ipvs-strict-arp=true). IPVS 모드라면 strict ARP 가 켜져 있어야 합니다.",
  fine: "kube-proxy 가 IPVS 모드이고 strictARP: true 입니다. 할 일이 없습니다.",
  notNeeded: "kube-proxy 가 {mode} 모드이므로 strictARP 는 상관없습니다. 할 일이 없습니다.",
  mustAct:
    "kube-proxy 가 IPVS 모드인데 strictARP: false 입니다. 광고 노드뿐 아니라 모든 노드가 모든 주소의 ARP 에 대답합니다. 고치려면: {command} strictarp enable",
  enabled: "kube-proxy ConfigMap 의 strictARP 가 이제 true 입니다. kube-proxy 를 다시 시작해야 적용됩니다:",
  restarted: "kube-proxy 를 노드마다 차례로 다시 시작하고 있습니다.",
};

export type Say = SayOf<keyof typeof english>;

export function sayFor(environment: Readonly<Record<string, string | undefined>>): Say {
  return sayer({ en: english, ko: korean }, environment);
}
