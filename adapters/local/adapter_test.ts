import { testAdapter } from "../../tests/test_adapter.ts";
import { local } from "./mod.ts";

testAdapter(local, {});
