/** The version in deno.json, which has more in it than the program needs; a test keeps the two equal. */
export const VERSION = "0.1.0";
