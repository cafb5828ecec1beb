import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allows, type Policy, PolicyError, parsePolicy, type Statement } from "./policy.ts";

function policy(...statements: [Statement["Effect"], ...string[]][]): Policy {
  return parsePolicy({ Version: "5.0", Statement: statements.map(([Effect, ...Action]) => ({ Effect, Action })) });
}

function grants(pattern: string, action: string): boolean {
  return allows([policy(["Allow", pattern])], action);
}

function denies(pattern: string, action: string): boolean {
  return !allows([policy(["Allow", "*"], ["Deny", pattern])], action);
}

function document(statement: Record<string, unknown>, version = "1.1"): unknown {
  return { Version: version, Statement: [{ Effect: "Allow", Action: ["clouddc:instance:get"], ...statement }] };
}

function sized(statements: number, Action: string[]): unknown {
  return { Version: "1.1", Statement: Array.from({ length: statements }, () => ({ Effect: "Allow", Action })) };
}

function times(count: number, action: string): string[] {
  return Array.from({ length: count }, () => action);
}

function labelled(Sid: string): unknown {
  return document({ Sid, Action: times(45, `a:b:${"c".repeat(124)}`) }, "5.0");
}

function refused(input: unknown, message: RegExp): void {
  assert.throws(
    () => parsePolicy(input),
    (error) => error instanceof PolicyError && message.test(error.message),
    JSON.stringify(input)?.slice(0, 200),
  );
}

describe("what policies decide", () => {
  it("is no, without a policy or without one that matches", () => {
    assert.equal(allows([], "clouddc:instance:get"), false);
    assert.equal(allows([policy(["Allow", "clouddc:instance:list"])], "clouddc:instance:get"), false);
    assert.equal(allows([policy(["Deny", "clouddc:instance:list"])], "clouddc:instance:get"), false);
  });

  it("is yes by any Allow", () => {
    const policies = [policy(["Allow", "modelarts:*:*"]), policy(["Allow", "x:y:z", "clouddc:instance:get"])];
    assert.equal(allows(policies, "clouddc:instance:get"), true);
  });

  it("is no by any Deny, wherever it stands", () => {
    const allow = policy(["Allow", "*"]);
    const deny = policy(["Allow", "clouddc:*:*"], ["Deny", "clouddc:instance:delete"]);
    for (const policies of [
      [allow, deny],
      [deny, allow],
    ]) {
      assert.equal(allows(policies, "clouddc:instance:delete"), false);
      assert.equal(allows(policies, "clouddc:instance:deleteBatch"), true);
    }
    assert.equal(allows([policy(["Deny", "clouddc:*:*"], ["Allow", "clouddc:*:*"])], "clouddc:instance:get"), false);
  });

  it("holds across both models", () => {
    const role = parsePolicy(document({ Effect: "Deny", Action: ["clouddc:*:*"] }, "1.1"));
    assert.equal(allows([role, policy(["Allow", "*"])], "clouddc:instance:get"), false);
    assert.equal(allows([role, policy(["Allow", "*"])], "gaussdb:instance:get"), true);
  });

  it("is no for an action that is not of the form, even with every right", () => {
    const everything = [policy(["Allow", "*", "*:*:*"])];
    for (const action of [
      "",
      "*",
      "get",
      "clouddc:get",
      "clouddc:*:*",
      ":instance:get",
      "clouddc:instance:",
      "a:b:c:d",
    ]) {
      assert.equal(allows(everything, action), false, action);
    }
    assert.equal(allows(everything, `clouddc:instance:${"g".repeat(200)}`), false);
    assert.equal(allows(everything, "clouddc:instance:get\n"), false);
  });

  it("is no by a statement whose effect is unknown", () => {
    const odd = { Version: "1.1", Statement: [{ Effect: "deny", Action: ["*"] }] } as unknown as Policy;
    assert.equal(allows([policy(["Allow", "*"]), odd], "clouddc:instance:get"), false);
  });
});

describe("which actions a pattern matches", () => {
  it("is any run of characters for a star", () => {
    const matching: [string, string][] = [
      ["*", "clouddc:instance:delete"],
      ["*:*:*", "clouddc:instance:delete"],
      ["clouddc:*", "clouddc:instance:delete"],
      ["clouddc:*:*", "clouddc:instance:delete"],
      ["clouddc:*:*", "clouddc::tagResource"],
      ["clouddc::tag*", "clouddc::tagResource"],
      ["clouddc:instance:*", "clouddc:instance:delete"],
      ["clouddc:instance:delete*", "clouddc:instance:delete"],
      ["clouddc:*:get*", "clouddc:imetal:getHardwareAttribute"],
      ["*:*:get*", "clouddc:imetal:get"],
      ["clouddc:i*l:*Attr*e", "clouddc:imetal:getHardwareAttribute"],
      ["clouddc:*nstance:*get", "clouddc:instance:ggget"],
      ["clouddc:*:*aab", "clouddc:instance:aaaab"],
      ["gaussdb*:instance:create", "gaussdbformysql:instance:create"],
    ];
    for (const [pattern, action] of matching) {
      assert.ok(grants(pattern, action), `${pattern} allows ${action}`);
      assert.ok(denies(pattern, action), `${pattern} denies ${action}`);
    }
  });

  it("is nothing beyond the pattern", () => {
    const others: [string, string][] = [
      ["clouddc:instance:delete", "clouddc:instance:deleteBatch"],
      ["clouddc:instance:delete", "clouddc:instance:delet"],
      ["clouddc:instance:*", "clouddc:instances:delete"],
      ["clouddc:instance:*", "clouddc::tagResource"],
      ["clouddc:*", "clouddc2:instance:delete"],
      ["clouddc:*:get*", "clouddc:getter:list"],
      ["clouddc:*:get*", "clouddc:instance:forget"],
      ["*:*:get*", "get:instance:delete"],
      ["cloud*:*:get", "clouddc:instance:list"],
      ["clouddc:i*l:*Attr*e", "clouddc:imetal:getHardwareAttributes"],
      ["clouddc:a.c:*", "clouddc:abc:get"],
    ];
    for (const [pattern, action] of others) {
      if (pattern.includes(".")) refused(document({ Action: [pattern] }), /form/);
      else {
        assert.ok(!grants(pattern, action), `${pattern} does not allow ${action}`);
        assert.ok(!denies(pattern, action), `${pattern} does not deny ${action}`);
      }
    }
  });

  it("disregards case after the service", () => {
    assert.ok(grants("clouddc:Instance:DELETE", "clouddc:instance:delete"));
    assert.ok(grants("clouddc:imetal:gethardware*", "clouddc:imetal:getHardwareAttribute"));
    assert.ok(denies("clouddc:INSTANCE:Del*", "clouddc:instance:delete"));
  });

  it("keeps to the case of the service when it allows, but not when it denies", () => {
    assert.ok(grants("DataArtsFabric:workspace:drop", "DataArtsFabric:workspace:drop"));
    assert.ok(!grants("dataartsfabric:workspace:drop", "DataArtsFabric:workspace:drop"));
    assert.ok(!grants("clouddc:instance:delete", "CloudDC:instance:delete"));
    assert.ok(denies("dataartsfabric:workspace:drop", "DataArtsFabric:workspace:drop"));
    assert.ok(denies("CloudDC:instance:delete", "clouddc:instance:delete"));
  });

  it("is decided at once, however many stars there are", () => {
    const stars = `a:${"*a".repeat(40)}*b:${"*a".repeat(20)}`.slice(0, 128);
    assert.ok(!grants(stars, `a:${"a".repeat(60)}:${"a".repeat(60)}`));
    assert.ok(grants(`a:a:${"*".repeat(120)}`, `a:a:${"a".repeat(120)}`));
  });
});

describe("a policy document", () => {
  it("is returned as a clean copy", () => {
    const input = {
      Version: "1.1",
      Statement: [
        { Effect: "allow", Action: ["clouddc:*:get*"], Resource: ["*"] },
        { Effect: "deny", Action: ["clouddc:instance:delete", "*"] },
      ],
    };
    const parsed = parsePolicy(input);
    assert.deepEqual(parsed, {
      Version: "1.1",
      Statement: [
        { Effect: "Allow", Action: ["clouddc:*:get*"] },
        { Effect: "Deny", Action: ["clouddc:instance:delete", "*"] },
      ],
    });
    input.Statement[1]?.Action.pop();
    assert.equal(parsed.Statement[1]?.Action.length, 2);
  });

  it("is an object with a version of the two and statements", () => {
    for (const input of [undefined, null, "{}", 1, [], () => 1]) refused(input, /the policy must be an object/);
    for (const Version of [undefined, "1.0", "5", 5, "2012-10-17"]) refused({ Version, Statement: [] }, /Version/);
    for (const Statement of [undefined, null, {}, [], "x"]) refused({ Version: "1.1", Statement }, /Statement must be/);
    refused({ Version: "1.1", Statement: [null] }, /Statement\[0\] must be an object/);
    refused({ ...(document({}) as object), Depends: [] }, /"Depends"/);
    refused(JSON.parse('{"Version":"1.1","Statement":[],"__proto__":{}}'), /"__proto__"/);
  });

  it("names no resource but all of them", () => {
    assert.ok(parsePolicy(document({ Resource: ["*"] })));
    const others = ["*", [], ["*", "*"], ["clouddc:*:*:instance:1"], [["*"]], {}, null, undefined];
    for (const Resource of others) refused(document({ Resource }), /Statement\[0\]\.Resource is not evaluated/);
  });

  it("has no condition, not even an empty one", () => {
    const conditions = [{ StringEquals: { "g:UserName": ["a"] } }, {}, null, undefined, []];
    for (const Condition of conditions) {
      for (const version of ["1.1", "5.0"]) {
        refused(document({ Condition }, version), /Statement\[0\]\.Condition is not evaluated/);
      }
    }
  });

  it("has no member that would change what a statement means", () => {
    for (const name of ["NotAction", "NotResource", "Principal", "condition", "resource"]) {
      refused(document({ [name]: ["*"] }, "5.0"), new RegExp(`not evaluated: "${name}"`));
    }
  });

  it("may label its statements in the identity-policy model", () => {
    assert.deepEqual(parsePolicy(document({ Sid: "s1" }, "5.0")).Statement, [
      { Effect: "Allow", Action: ["clouddc:instance:get"] },
    ]);
    refused(document({ Sid: 1 }, "5.0"), /Sid must be a string/);
    refused(document({ Sid: "s1" }, "1.1"), /"Sid"/);
  });
});

describe("the effect and the actions of a statement", () => {
  it("are Allow or Deny, in one of two spellings", () => {
    for (const Effect of [undefined, "", "ALLOW", "Permit", "Allow ", true, ["Allow"]]) {
      refused(document({ Effect }), /Effect must be Allow or Deny/);
    }
  });

  it("are patterns of the documented form", () => {
    for (const action of [
      "",
      "delete",
      "clouddc:delete",
      "clouddc:instance:",
      ":a:b",
      "a:b:c:d",
      "a:b:c?",
      "a b:c:d",
      "**",
    ]) {
      refused(document({ Action: [action] }, "5.0"), /Action\[0\] must have the form/);
    }
    for (const action of [1, null, ["a:b:c"], {}])
      refused(document({ Action: [action] }), /Action\[0\] must be a string/);
    for (const Action of [undefined, "*", [], {}]) refused(document({ Action }), /Action must be an array/);
    refused(
      document({ Action: ["a:b:c", "CloudDC:instance:get"] }, "1.1"),
      /Action\[1\] must have its service in lower/,
    );
    assert.ok(parsePolicy(document({ Action: ["clouddc:Instance:GET"] }, "1.1")));
  });
});

describe("the size of a policy document", () => {
  it("is limited in statements, and in actions a statement", () => {
    assert.ok(parsePolicy(sized(8, ["a:b:c"])));
    refused(sized(9, ["a:b:c"]), /Statement must be an array of 1 to 8/);
    assert.ok(parsePolicy(sized(1, times(100, "a:b:c"))));
    refused(sized(1, times(101, "a:b:c")), /Action must be an array of 1 to 100/);
    assert.ok(parsePolicy(sized(1, [`a:b:${"c".repeat(124)}`])));
    refused(sized(1, [`a:b:${"c".repeat(125)}`]), /not be longer than 128 characters/);
  });

  it("is at most 6144 characters long, as compact JSON", () => {
    const bare = JSON.stringify(labelled("")).length;
    const longest = labelled("s".repeat(6144 - bare));
    assert.equal(JSON.stringify(longest).length, 6144);
    assert.ok(parsePolicy(longest));
    refused(labelled("s".repeat(6145 - bare)), /not be longer than 6144 characters/);
  });
});
