// The app against a served API that holds the bundled documents: BASE_URL=http://127.0.0.1:8000 npm test

import { beside, connect, fresh, Refused, regions, series, shown, type Row } from "./app.js";

declare const process: { env: Record<string, string | undefined>; exitCode: number };

const WUCHENG = "330702";

function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

function same(found: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)];
  holds(is === should, `${what}: ${is} is not ${should}`);
}

async function check(baseUrl: string): Promise<void> {
  const api = connect(baseUrl, "en");

  const all = await regions(api);
  same(await regions(api, 2), all, "regions in pages of two are not those of one page");
  const wucheng = all.find((region) => region.code === WUCHENG);
  holds(wucheng !== undefined, `the regions lack ${WUCHENG}`);
  console.log(`regions: ${all.map((region) => `${region.name} (${region.name_en})`).join(", ")}`);

  const pairs = await beside(api, WUCHENG, 2022);
  const both = pairs.filter((pair) => pair.target !== null && pair.actual !== null);
  holds(both.length > 20, `only ${both.length} targets of 2022 have an actual beside them`);
  for (const { name, target, actual } of both.slice(0, 5)) console.log(`${name}: ${shown(target)} | ${shown(actual)}`);
  const growth = both.find((pair) => pair.target?.indicator === "gross_regional_product");
  same([shown(growth?.target ?? null), shown(growth?.actual ?? null)], ["8.5%", "flat"], "growth planned and reached");

  const years = await series(api, "gross_regional_product", 2022, 2023);
  const places = years.map((row: Row) => `${row.region_name} ${row.year}`);
  same(places, [...new Set(places)], "a region and year came twice");
  const level = years.find((row) => row.region_name === "婺城区" && row.year === 2022);
  same(level?.value, 353.73, "the gross regional product of 2022");
  console.log(years.map((row) => `${row.region_name} ${row.year}: ${shown(row)}`).join(", "));

  // what the compiler knows to be wrong is answered with a problem that says what is right
  // @ts-expect-error: a role is target or actual
  const wrong = await api.GET("/v1/observations", { params: { query: { role: ["targets"] } } });
  const fault = wrong.error?.errors?.[0];
  same([wrong.error?.status, fault?.parameter, fault?.suggestion], [400, "role", "target"], "the problem");
  const nowhere = await fresh(api, "999999").catch((error: unknown) => error);
  holds(nowhere instanceof Refused && nowhere.problem.status === 404, `region 999999 gave ${nowhere}`);
  console.log(nowhere.message);

  const first = await fresh(api, WUCHENG);
  const again = await fresh(api, WUCHENG, first);
  holds(again === first, "If-None-Match did not give 304");
  const other = await fresh(api, WUCHENG, { ...first, etag: '"another"' });
  holds(other !== first && other.etag === first.etag, "another ETag did not give the answer anew");
  console.log(`kept by ${first.etag}`);
}

try {
  const baseUrl = process.env["BASE_URL"];
  holds(baseUrl !== undefined && baseUrl !== "", "BASE_URL must name the server, like http://127.0.0.1:8000");
  await check(baseUrl);
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : "";
  console.error(`the client's check failed: ${error instanceof Error ? error.message : String(error)}${cause}`);
  process.exitCode = 1;
}
