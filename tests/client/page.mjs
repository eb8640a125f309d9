// The page to try the API on, in a browser: BASE_URL=http://127.0.0.1:8000 CHROMIUM=/usr/bin/chromium npm run page

import { chromium } from "playwright-core";

function holds(condition, what) {
  if (!condition) throw new Error(what);
}

async function tried(page, path, given) {
  const operation = page.locator("details").filter({ has: page.locator(`summary > code:text-is("GET ${path}")`) });
  await operation.locator("summary").click();
  for (const [name, value] of Object.entries(given)) {
    await operation.locator("label").filter({ has: page.locator(`code:text-is("${name}")`) }).locator("input").fill(value);
  }
  await operation.locator("form button").click();
  await operation.locator("pre.body").waitFor();
  return operation.locator("form + div").innerText();
}

async function check(baseUrl) {
  const contract = await (await fetch(`${baseUrl}/openapi.json`)).json();
  const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  try {
    const page = await browser.newPage({ viewport: { width: 1100, height: 1400 } });
    const wrong = [];
    const elsewhere = [];
    page.on("console", (message) => void (message.type() === "error" && wrong.push(message.text())));
    page.on("pageerror", (error) => void wrong.push(String(error)));
    page.on("request", (request) => void (request.url().startsWith(baseUrl) || elsewhere.push(request.url())));

    await page.goto(`${baseUrl}/docs`);
    await page.locator("main details form").last().waitFor({ state: "attached" });
    const operations = await page.locator("main details form").count();
    holds(operations === Object.keys(contract.paths).length, `${operations} operations are shown`);

    for (const word of ["direction", "values_differ", "selection=all"]) {
      const rules = page.locator("main > details > p.about").filter({ hasText: word });
      holds((await rules.count()) > 0, `no rules tell of ${word}`);
    }

    const item = await tried(page, "/v1/regions/{region}", { region: "330702" });
    holds(item.includes("200") && item.includes("婺城区"), `a region: ${item.slice(0, 200)}`);
    const list = await tried(page, "/v1/observations", { region: "330702 330784", fields: "id value", limit: "2" });
    holds(list.includes("region=330702&region=330784&fields=id%2Cvalue&limit=2"), `a list: ${list.slice(0, 200)}`);
    holds(list.includes('rel="next"') && list.includes("Next page"), "a list has no next page");

    holds(elsewhere.length === 0, `the page asks elsewhere: ${elsewhere.join(", ")}`);
    holds(wrong.length === 0, `the browser reports: ${wrong.join("; ")}`);
    const picture = process.env.PICTURE;
    await page.locator("main > details").filter({ has: page.locator("p.about") }).locator("summary").nth(1).click();
    if (picture) await page.screenshot({ path: picture, fullPage: true });
    console.log(`the page shows ${operations} operations and their rules, and asks nobody but the server`);
  } finally {
    await browser.close();
  }
}

await check(process.env.BASE_URL ?? "http://127.0.0.1:8000");
