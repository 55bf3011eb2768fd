/** Text as one word of a shell. */

/** One word to the shell, whatever is in it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** For a person: without quotes where that is safe. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quote(text);
}

/** One word to csh, which reads `!` and line breaks inside quotes. */
export function cshQuote(text: string): string {
  return quote(text).replaceAll("!", "\\!").replaceAll("\n", "\\\n");
}
