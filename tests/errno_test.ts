/** Every error number of errno.h: its name, and whether it may pass. */

import { assert, assertEquals } from "./assert.ts";
import { errnoName, errorCode, mayPass } from "../lib/errno.ts";
import { codeOf, isFileError, isTransient } from "../lib/system.ts";

/** As Deno words the error of a number that it has no code for. */
const bare = (number: number) => new Error(`Some words (os error ${number}): mkdir '/a (os error 2)/b'`);
const withCode = (code: string) => Object.assign(new Error("words"), { code });

/** Numbers of the errors that are final, by system: errno.h of Linux, sys/errno.h of macOS. */
const FINAL = {
  linux: [2, 7, 8, 9, 14, 15, 17, 18, 20, 21, 22, 25, 29, 31, 36, 38, 39, 40, 84, 95],
  darwin: [2, 7, 8, 9, 14, 15, 17, 18, 20, 21, 22, 25, 29, 31, 45, 62, 63, 66, 78, 92, 102],
};

for (const [os, final] of Object.entries(FINAL)) {
  Deno.test(`errno: of all numbers of ${os} these are final, and all others may pass`, () => {
    const numbers = Array.from({ length: 600 }, (_, i) => i + 1);
    assertEquals(numbers.filter((number) => !mayPass(errorCode(bare(number), os))), final);
  });
}

Deno.test("errno: numbers have the names of their system", () => {
  const names = (os: string, ...numbers: number[]) =>
    numbers.map((number) => errnoName(number, os)).join(" ");
  assertEquals(
    names("linux", 1, 11, 23, 26, 35, 40, 67, 95, 108, 112, 116, 117, 121, 122, 133),
    "EPERM EAGAIN ENFILE ETXTBSY EDEADLK ELOOP ENOLINK ENOTSUP ESHUTDOWN EHOSTDOWN ESTALE EUCLEAN EREMOTEIO EDQUOT EHWPOISON",
  );
  assertEquals(
    names("darwin", 1, 11, 35, 62, 64, 66, 69, 70, 97, 106),
    "EPERM EDEADLK EAGAIN ELOOP EHOSTDOWN ENOTEMPTY EDQUOT ESTALE ENOLINK EQFULL",
  );
  // A kernel's own numbers, which some network file systems let through.
  assertEquals(names("linux", 41, 58, 134, 524), "E41 E58 E134 E524");
});

/** The C headers of this machine, where there are any. */
const HEADERS = ["errno-base.h", "errno.h"].map((name) => `/usr/include/asm-generic/${name}`);

function hasHeaders(): boolean {
  try {
    return Deno.build.os === "linux" && HEADERS.every((path) => Deno.statSync(path).isFile);
  } catch {
    return false;
  }
}

Deno.test({
  name: "errno: names and numbers are those of the C headers of this machine",
  ignore: !hasHeaders(),
  fn() {
    const lines = HEADERS.map((path) => Deno.readTextFileSync(path)).join("");
    const defined = [...lines.matchAll(/^#define\s+(E\w+)\s+(\d+)/gm)];
    assert(defined.length > 130);
    for (const [, name, number] of defined) {
      // EOPNOTSUPP and ENOTSUP have one number.
      assertEquals(errnoName(Number(number), "linux"), name === "EOPNOTSUPP" ? "ENOTSUP" : name);
    }
  },
});

Deno.test("errno: the code that the runtime sets counts, then the number, then the name in the message", () => {
  assertEquals(errorCode(withCode("ENOSPC"), "linux"), "ENOSPC");
  assertEquals(errorCode(bare(122), "linux"), "EDQUOT");
  assertEquals(errorCode(bare(122), "darwin"), "E122");
  assertEquals(errorCode(new Error("ESRCH: No such process"), "linux"), "ESRCH");
});

Deno.test("errno: what is not an error of the system has no code, and does not pass", () => {
  const others = [
    new Error("EVERYTHING is wrong"),
    withCode("ERR_INVALID_ARG"),
    new TypeError("x"),
    null,
    "no",
  ];
  assertEquals(others.map(codeOf), others.map(() => undefined));
  assertEquals(others.map(isTransient), others.map(() => false));
});

Deno.test("errno: errors of the runtime itself are recognised", () => {
  const caught = (action: () => void): unknown => {
    try {
      action();
    } catch (error) {
      return error;
    }
    throw new Error("nothing was thrown");
  };
  assert(isFileError(caught(() => Deno.readTextFileSync("/no/such/file")), "ENOENT"));
  assert(isFileError(caught(() => new Deno.Command("/no/such/command").spawn()), "ENOENT"));
  assert(isFileError(caught(() => Deno.kill(2 ** 30, "SIGTERM")), "ESRCH"));
});
