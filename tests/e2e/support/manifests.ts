/** The texts this product was asked for with: MetalLB's own examples, unchanged. */
export const firstPool = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: first-pool
  namespace: metallb-system
spec:
  addresses:
  - 192.168.1.240-192.168.1.250
`;

export const l2Advertisement = `
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata:
  name: example
  namespace: metallb-system
spec:
  ipAddressPools:
  - first-pool
`;

export const demo = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: metallb-demo
  labels:
    app: metallb-demo
spec:
  replicas: 1
  selector:
    matchLabels:
      app: metallb-demo
  template:
    metadata:
      labels:
        app: metallb-demo
    spec:
      containers:
      - name: nginx
        image: nginx:1.27-alpine
        ports:
        - containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: metallb-demo
  labels:
    app: metallb-demo
spec:
  type: LoadBalancer
  selector:
    app: metallb-demo
  ports:
  - name: http
    port: 80
    targetPort: 80
    protocol: TCP
`;

/** The sandbox's router is AS 64501 at .1 of the LAN. */
export const bgp = `
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata:
  name: router
  namespace: metallb-system
spec:
  myASN: 64500
  peerASN: 64501
  peerAddress: 192.168.1.1
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: bgp-pool
  namespace: metallb-system
spec:
  addresses:
  - 198.51.100.0/28
  autoAssign: false
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata:
  name: bgp
  namespace: metallb-system
spec:
  ipAddressPools:
  - bgp-pool
  communities:
  - "64500:100"
`;

export const bgpService = `
apiVersion: v1
kind: Service
metadata:
  name: bgp-demo
  annotations:
    metallb.io/address-pool: bgp-pool
spec:
  type: LoadBalancer
  selector:
    app: metallb-demo
  ports:
  - name: http
    port: 80
    targetPort: 80
`;
