// The bulk run in Node with its own fetch: `concurrency` loops at once; every response is parsed.
const [url, count, concurrency, body] = process.argv.slice(2);

async function update() {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      Authorization: "Bearer token",
      "Content-Type": "application/json",
      Accept: "application/json",
    },
    body,
  });
  const route = await answer.json();
  if (answer.status !== 200 || route.TrunkIp1 !== "20.87.87.87") throw new Error("unexpected response");
}

async function run(number) {
  let left = number;
  const worker = async () => {
    while (left-- > 0) await update();
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, worker));
}

await run(500);
const begun = process.cpuUsage();
const clock = process.hrtime.bigint();
await run(Number(count));
const wall = Number(process.hrtime.bigint() - clock) / 1000;
const { user, system } = process.cpuUsage(begun);
console.log(((user + system) / count).toFixed(3), (wall / count).toFixed(3));
process.exit(0);
