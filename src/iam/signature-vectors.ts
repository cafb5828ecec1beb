import type { SignedRequest } from "./canonical.ts";

/** A request as an official client sends it, with the Authorization header that the client computed. */
export interface SignatureVector {
  name: string;
  request: SignedRequest;
  authorization: string;
  /** SHA-256 of the canonical request, where it is known. */
  canonicalHash?: string;
}

export const VECTOR_ACCESS_KEY = "EXAMPLEACCESSKEY0001";
export const VECTOR_SECRET = "exampleSecretKey0123456789abcdefABCDEF01";
export const VECTOR_DATE = "20260115T083000Z";
export const VECTOR_TIME = Date.UTC(2026, 0, 15, 8, 30, 0);

const PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const SERVER = "0198170e-4ca7-7ee4-89a7-fa631843920b";

const dated = { host: "127.0.0.1:8080", "x-sdk-date": VECTOR_DATE };
const json = { ...dated, "content-type": "application/json" };
const scoped = { ...json, "x-project-id": PROJECT };

function request(method: string, target: string, headers: SignedRequest["headers"], body = ""): SignedRequest {
  return { method, target, headers, body: Buffer.from(body) };
}

function hmac(signedHeaders: string, signature: string): string {
  return `SDK-HMAC-SHA256 Access=${VECTOR_ACCESS_KEY}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

const SCOPED = "content-type;host;x-project-id;x-sdk-date";

/** V1 to V7: node and python SDK. V8, V9: the shape that the Go SDK and the Terraform provider sign. */
export const SIGNATURE_VECTORS: SignatureVector[] = [
  {
    name: "V1, a list",
    request: request("GET", `/v1/${PROJECT}/instances`, scoped),
    authorization: hmac(SCOPED, "cb61ce59db9f262452aae179c791bceea0fbfb4acdc9abc415bc5a8572054e71"),
    canonicalHash: "94e8ab0e75907534ed21204e12cafd1433159c004778822c77b253eb312f46f9",
  },
  {
    name: "V2, a query of every kind",
    request: request(
      "GET",
      `/v1/${PROJECT}/instances?name=a%20b%2Bc&tag=M&tag=a&tag=z&empty=&Zone=%E4%B8%AD%E6%96%87%20%C3%A9~*()&limit=10`,
      scoped,
    ),
    authorization: hmac(SCOPED, "4b3ea623ec478c9e521f926eb1a127b6a9d7e7b1ce05ba1e75e2565f9dabbdab"),
    canonicalHash: "ef426a37091e01bb3c1cf027c20d7c5b6f7f7e608a06aa9bf289df948d988b8a",
  },
  {
    name: "V3, a body in UTF-8",
    request: request(
      "POST",
      `/v1/${PROJECT}/instances/batch-delete`,
      scoped,
      `{"instance_id_set":["${SERVER}"],"note":"测试 \\"q\\" </>"}`,
    ),
    authorization: hmac(SCOPED, "608547a8816db6ed942bdcb66543ec861ac33f3704fdb77a9423d3f77e1546c5"),
    canonicalHash: "00c65627b9081a48be2c39408449d7bc60cc6270dadae73c13b0f48966c3697f",
  },
  {
    name: "V4, a temporary key",
    request: request("DELETE", `/v1/${PROJECT}/instances/${SERVER}`, {
      ...scoped,
      "x-security-token": "exampleSecurityToken==",
    }),
    authorization: hmac(
      `${SCOPED};x-security-token`,
      "42d7fb8264b779bf57509ea9e111a668f3d062c3538d03a7a6b20b20364b8a8b",
    ),
    canonicalHash: "e3f383cb52b6d71e66915386453f33c107fdf7e454caee0ae03470c7dc4b11ff",
  },
  {
    name: "V5, a GET with a body",
    request: request("GET", "/v3/projects?name=xx-local-1", json, "{}"),
    authorization: hmac(
      "content-type;host;x-sdk-date",
      "0ca43ae285e3c683f77a29641969493d5bc8dd34321f1e1b29a0f1e4a116d977",
    ),
    canonicalHash: "6ad0f709bdf92e327460b7250dd49d103725abe5d48befbac7ac18fb83c25c98",
  },
  {
    name: "V6, an unsigned body",
    request: request(
      "PUT",
      `/v1/${PROJECT}/files/image:1.bin/`,
      {
        ...dated,
        "content-type": "application/octet-stream",
        "x-domain-id": "d78cbac186b744899480f25bd022f468",
        "x-sdk-content-sha256": "UNSIGNED-PAYLOAD",
      },
      "any octets",
    ),
    authorization: hmac(
      "content-type;host;x-domain-id;x-sdk-content-sha256;x-sdk-date",
      "64401895f3e11e79409a28d32c8b75fa9e5a4dca949170d6b30f10fa4c6b5704",
    ),
    canonicalHash: "9e228754189e5eeb3869c9e4276a1085330dc3dec0cf8b6430050a3a26910dc6",
  },
  {
    name: "V7, a derived key",
    request: request("GET", `/v1/${PROJECT}/instances`, scoped),
    authorization:
      `V11-HMAC-SHA256 Credential=${VECTOR_ACCESS_KEY}/20260115/xx-local-1/clouddc, SignedHeaders=${SCOPED}, ` +
      "Signature=3a79805499c127ff37cb238bfa1556d131c9523665c870e8140d6382f99f8e2f",
    canonicalHash: "94e8ab0e75907534ed21204e12cafd1433159c004778822c77b253eb312f46f9",
  },
  {
    name: "V8, few signed headers and a body that ends in a line feed",
    request: request(
      "POST",
      `/v1/${PROJECT}/instances/batch-delete`,
      { "user-agent": "huaweicloud-usdk-go/3.0", "x-project-id": PROJECT, "x-sdk-date": VECTOR_DATE },
      `{"instance_id_set":["${SERVER}"]}\n`,
    ),
    authorization: hmac(
      "user-agent;x-project-id;x-sdk-date",
      "d99bd855058f640652693a87cf9f61dd595d30afef116001203bcee2ddc46ac4",
    ),
  },
  {
    name: "V9, neither host nor content type signed",
    request: request("GET", "/v3/projects?name=xx-local-1", {
      accept: "application/json",
      "user-agent": "terraform-provider-iac",
      "x-sdk-date": VECTOR_DATE,
    }),
    authorization: hmac(
      "accept;user-agent;x-sdk-date",
      "a43f7b9c0f7e96076e15cea6bd527f1dec6a86d4631211cb73bec6c34018ae30",
    ),
  },
];
