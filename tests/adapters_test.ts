import { ADAPTERS } from "../adapters/mod.ts";
import { contract } from "./adapter_contract.ts";

for (const [name, adapter] of Object.entries(ADAPTERS)) contract(name, adapter);
