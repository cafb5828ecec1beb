import type { Catalogue } from "./catalogue.ts";

/** What can be had when `inventory.gaussdb` says nothing else. Availability zones are `<region>` with these letters. */
export const DEFAULT_CATALOGUE: Catalogue = {
  zones: ["a", "b", "c"],
  flavors: [
    { spec_code: "gaussdb.mysql.large.x86.4", type: "x86", vcpus: "2", ram: "8" },
    { spec_code: "gaussdb.mysql.xlarge.x86.4", type: "x86", vcpus: "4", ram: "16" },
    { spec_code: "gaussdb.mysql.2xlarge.x86.4", type: "x86", vcpus: "8", ram: "32" },
    { spec_code: "gaussdb.mysql.4xlarge.x86.4", type: "x86", vcpus: "16", ram: "64" },
    { spec_code: "gaussdb.mysql.4xlarge.x86.8", type: "x86", vcpus: "16", ram: "128" },
    { spec_code: "gaussdb.mysql.xlarge.arm.4", type: "arm", vcpus: "4", ram: "16" },
    { spec_code: "gaussdb.mysql.2xlarge.arm.4", type: "arm", vcpus: "8", ram: "32" },
  ],
  proxy_flavors: [
    { spec_code: "gaussdb.proxy.large.x86.2", type: "x86", vcpus: "2", ram: "4" },
    { spec_code: "gaussdb.proxy.xlarge.x86.2", type: "x86", vcpus: "4", ram: "8" },
    { spec_code: "gaussdb.proxy.2xlarge.x86.2", type: "x86", vcpus: "8", ram: "16" },
    { spec_code: "gaussdb.mysql.large.x86.4", type: "x86", vcpus: "2", ram: "8" },
    { spec_code: "gaussdb.proxy.large.arm.2", type: "arm", vcpus: "2", ram: "4" },
    { spec_code: "gaussdb.proxy.xlarge.arm.2", type: "arm", vcpus: "4", ram: "8" },
  ],
};
