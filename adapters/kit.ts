/** The helpers that the built-in adapters share, for an adapter in a separate file, which imports nothing. */

import { walltimeSeconds } from "../lib/units.ts";
import { quote } from "../lib/shell_words.ts";
import * as answers from "./answers.ts";
import * as values from "./values.ts";

/** The argument of the function that an adapter's file exports. */
export const kit = { ...answers, ...values, walltimeSeconds, quote };

export type Kit = typeof kit;
