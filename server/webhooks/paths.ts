/** MetalLB's paths, one for each kind; its webhook configurations name them. */
export const validatedKinds = [
  { path: "/validate-metallb-io-v1beta2-bgppeer", kind: "BGPPeer" },
  { path: "/validate-metallb-io-v1beta1-bfdprofile", kind: "BFDProfile" },
  { path: "/validate-metallb-io-v1beta1-bgpadvertisement", kind: "BGPAdvertisement" },
  { path: "/validate-metallb-io-v1beta1-community", kind: "Community" },
  { path: "/validate-metallb-io-v1beta1-ipaddresspool", kind: "IPAddressPool" },
  { path: "/validate-metallb-io-v1beta1-l2advertisement", kind: "L2Advertisement" },
] as const;

export const conversionPath = "/convert";
