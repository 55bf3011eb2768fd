import { testAdapter } from "../../tests/test_adapter.ts";
import { htcondor } from "./mod.ts";

testAdapter(htcondor, {
  fake: import.meta.resolve("./fake"),
  recorded: import.meta.resolve("./recorded"),
  limits: true,
});
