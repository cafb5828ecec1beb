/** The rows of the store. Times are ms since the epoch (virtual, except leases), JSON is text. */

export interface ResourceRow {
  id: string;
  kind: string;
  tenant: string;
  parent_id: string | null;
  incarnation: string;
  /** Creation order within the store; lists sort by it. */
  seq: number;
  name: string;
  /** Set while the name is taken; unique among a tenant's resources of one kind. */
  unique_name: string | null;
  state: string;
  spec: string;
  facts: string;
  error: string | null;
  created_by: string;
  created_at: number;
  updated_at: number;
  gone_at: number | null;
  /** When `alarm_verb` starts by itself. */
  alarm_at: number | null;
  alarm_verb: string | null;
}

export interface OperationRow {
  id: string;
  job_id: string;
  resource_id: string;
  kind: string;
  tenant: string;
  verb: string;
  label: string;
  plan: string;
  step: number;
  performed: number;
  attempt: number;
  state: string;
  owner: string | null;
  fence: number;
  /** Milliseconds of the store's own clock. */
  lease_until: number | null;
  due_at: number;
  stage_at: number;
  answer: string | null;
  error: string | null;
  request_id: string;
  accepted_at: number;
  finished_at: number | null;
}

export interface HoldingRow {
  seq: number;
  ref: string;
  resource_id: string;
  kind: string;
  tenant: string;
  incarnation: string;
  type: string;
  domain: string;
  taken_by: string;
  taken_at: number;
  released_by: string | null;
  released_at: number | null;
  proof: string | null;
  /** The step whose probe gave the proof. */
  released_step: string | null;
  /** Set when the step that should have released it was skipped: open until a probe says gone. */
  skipped_by: string | null;
  skipped_step: string | null;
  skipped_at: number | null;
  skip_reason: string | null;
  /** The operation that was last asked to reclaim it. */
  reclaim_by: string | null;
}

export interface EventRow {
  seq: number;
  at: number;
  type: string;
  tenant: string;
  resource_id: string;
  operation_id: string | null;
  request_id: string;
  data: string;
}

/** What a finished delete leaves behind. `hash` covers `previous` and `body`. */
export interface ReceiptRow {
  /** Place in the chain, from 1 without gaps. */
  seq: number;
  operation_id: string;
  resource_id: string;
  kind: string;
  tenant: string;
  at: number;
  body: string;
  previous: string;
  hash: string;
}

/** Where the chain of receipts begins and ends: what was purged from its start, or cut from its end, is told apart. */
export interface ReceiptChainRow {
  first_seq: number;
  first_previous: string;
  last_seq: number;
  last_hash: string;
}

export interface FaultRow {
  seq: number;
  id: string;
  spec: string;
  /** Calls that it could have hit. */
  calls: number;
  hits: number;
  first_hit_at: number | null;
  created_at: number;
}

/** One thing of the simulated world. Never joined with the kernel's tables: the two may disagree. */
export interface SimThingRow {
  ref: string;
  domain: string;
  type: string;
  /** making, ready, changing, unmaking */
  phase: string;
  /** When the phase ends. */
  until: number;
  /** The highest fence that touched the thing. */
  fence: number;
  /** The operation that touched it last. */
  operation_id: string;
  spec: string;
  /** How often it was really made: more than once is a bug of the caller. */
  made: number;
  /** Looks of a client that the phase still waits for; 0 where it waits for `until`. */
  polls: number;
  resource_id: string;
}

export interface DomainRow {
  id: string;
  name: string;
}
export interface ProjectRow {
  id: string;
  domain_id: string;
  name: string;
  parent_id: string;
  description: string;
}
export interface UserRow {
  id: string;
  domain_id: string;
  name: string;
  password_hash: string;
  policies: string;
  enabled: number;
}
export interface AccessKeyRow {
  access: string;
  user_id: string;
  /** Who made it: only those of the settings go when the settings change. */
  origin: "settings" | "api";
  /** AES-256-GCM, base64 of nonce, tag and text. */
  secret_sealed: string;
  status: string;
  description: string;
  created_at: number;
}
export interface TokenRow {
  /** SHA-256 of the token, hex. */
  hash: string;
  user_id: string;
  domain_id: string;
  project_id: string | null;
  methods: string;
  issued_at: number;
  expires_at: number;
}
