import {
  durationSeconds,
  formatDuration,
  parseBoolean,
  parseInteger,
  walltimeSeconds,
} from "../lib/units.ts";
import { assertEquals } from "./assert.ts";

Deno.test("parseBoolean reads the words of YAML 1.1 in any case", () => {
  for (const word of ["true", "True", "YES", "on", "y", " Yes "]) {
    assertEquals(parseBoolean(word), true, word);
  }
  for (const word of ["false", "FALSE", "no", "Off", "N"]) assertEquals(parseBoolean(word), false, word);
  for (const word of ["", "1", "0", "truth", "$(X)", "constructor"]) {
    assertEquals(parseBoolean(word), undefined, word);
  }
});

Deno.test("parseInteger reads whole numbers and nothing else", () => {
  const table: [string, number | undefined][] = [
    ["0", 0],
    ["12", 12],
    [" 12 ", 12],
    ["+3", 3],
    ["2.0", 2],
    ["1_000", 1000],
    ["010", undefined],
    ["-1", undefined],
    ["2.5", undefined],
    ["1e3", undefined],
    ["0x10", undefined],
    ["", undefined],
    ["9007199254740993", undefined],
  ];
  for (const [text, expected] of table) assertEquals(parseInteger(text), expected, text);
});

Deno.test("walltimeSeconds reads the notations of every scheduler", () => {
  const table: [string, number | undefined][] = [
    ["90", 5400],
    ["5.5", 330],
    ["10:00", 600],
    ["00:60", 60],
    ["1:2", 62],
    ["1:30:00", 5400],
    ["00:10:59", 659],
    ["1-12", 129600],
    ["1-12:30", 131400],
    ["1-00:00:05", 86405],
    ["1:00:00:00", 86400],
    ["45s", 45],
    ["30m", 1800],
    ["2h", 7200],
    ["1.5d", 129600],
    ["0", Infinity],
    ["00:00:00", Infinity],
    ["", Infinity],
    ["inf", Infinity],
    ["UNLIMITED", Infinity],
    ["-5", undefined],
    ["1:", undefined],
    ["1:2:3:4:5", undefined],
    ["1-2:3:4:5", undefined],
    ["soon", undefined],
    ["10 m", undefined],
    ["$(TIME)", undefined],
  ];
  for (const [text, expected] of table) assertEquals(walltimeSeconds(text), expected, text);
});

Deno.test("formatDuration writes Maestro's notation", () => {
  assertEquals(formatDuration(5), "0d:00h:00m:05s");
  assertEquals(formatDuration(90061.9), "1d:01h:01m:01s");
  assertEquals(formatDuration(86399), "0d:23h:59m:59s");
  assertEquals(formatDuration(-3), "0d:00h:00m:00s");
  assertEquals(formatDuration(100 * 86400), "100d:00h:00m:00s");
});

Deno.test("durationSeconds: a length of time has a unit, and is a hundred years at most", () => {
  const table: readonly (readonly [text: string, seconds: number | undefined])[] = [
    ["30", 30],
    ["0", 0],
    ["0.5s", 0.5],
    ["5m", 300],
    ["1.5h", 5400],
    ["1H", 3600],
    ["2d", 172_800],
    ["1:30", 90],
    ["01:30:00", 5400],
    ["1-12:00:00", 129_600],
    ["36525d", 3_155_760_000],
    ["36525.1d", undefined],
    ["999999999999d", undefined],
    ["1d2h", undefined],
    ["2 h", undefined],
    ["-1", undefined],
    ["inf", undefined],
    ["1e3", undefined],
    ["", undefined],
  ];
  for (const [text, seconds] of table) assertEquals(durationSeconds(text, "seconds"), seconds, text);
});
