/** The version in deno.json. That file is larger than the program needs. A test compares the two. */
export const VERSION = "0.1.0";
