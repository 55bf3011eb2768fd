import { prefixed } from "../../lib/app/adapter_suite/heads.ts";
import { testAdapter } from "../../tests/test_adapter.ts";
import { sge } from "./mod.ts";

testAdapter(sge, {
  fake: import.meta.resolve("./fake"),
  recorded: import.meta.resolve("./recorded"),
  directives: {
    mark: "#$",
    /** qsub(1), `-C`: every line of the script that begins with the prefix. */
    read: (script) => script.split("\n").flatMap(prefixed(/^#\$/)),
  },
});
