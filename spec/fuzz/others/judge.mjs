// Judges patterns with JavaScript's own engine in its Unicode mode. Each line of standard input is a case,
// `pattern PATTERN TEXT`, both in hexadecimal; standard output gets a line for each: good, bad, refused.

import { createInterface } from "node:readline";

const text = (hex) => Buffer.from(hex, "hex").toString("utf8");

for await (const line of createInterface({ input: process.stdin })) {
  const [, pattern, subject] = line.split(" ");
  let verdict = "refused";
  try {
    verdict = new RegExp(text(pattern), "u").test(text(subject)) ? "good" : "bad";
  } catch {}
  console.log(verdict);
}
