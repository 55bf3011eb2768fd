/** Ids of Flux's jobs: https://flux-framework.readthedocs.io/projects/flux-rfc/en/latest/spec_19.html */

const F58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** The number of an id in any spelling: RFC 19. Undefined for what is none. */
export function fluxIdNumber(id: string): bigint | undefined {
  if (/^(?:\d+|0x[0-9a-f]+)$/i.test(id)) return BigInt(id);
  if (!/^[ƒf].+/.test(id)) return undefined;
  let number = 0n;
  for (const digit of id.slice(1)) {
    const value = F58.indexOf(digit);
    if (value < 0) return undefined;
    number = number * 58n + BigInt(value);
  }
  return number;
}
