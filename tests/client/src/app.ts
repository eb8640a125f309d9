// What a frontend asks of the API, on types made from the OpenAPI document. Runs in a browser as it stands.

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Media = "application/json" | "application/problem+json";
type Schemas = components["schemas"];
export type Api = Client<paths, Media>;
export type Observation = Schemas["Observation"];
export type Problem = Schemas["ProblemDetails"];
export type Region = Schemas["Region"];

/** The API said no, and why. Texts are Chinese, or English by Accept-Language. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    const faults = (problem.errors ?? []).map((fault) => `${fault.parameter}: ${fault.message}`);
    super([`${problem.status} ${problem.title}`, problem.detail, ...faults].join(" · "));
    this.name = "Refused";
  }
}

/** The API at an address; a browser needs no more than the origin. */
export function connect(baseUrl: string, language = "zh"): Api {
  return createClient<paths, Media>({
    baseUrl,
    headers: { Accept: "application/json", "Accept-Language": language },
    querySerializer: written,
  });
}

const COMMAS: ReadonlySet<string> = new Set(["fields", "sort"]);

/** A query string: filters are repeated for several values, `fields` and `sort` take them with commas between. */
function written(query: Record<string, unknown>): string {
  const made = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value];
    for (const one of COMMAS.has(name) ? [values.join(",")] : values) made.append(name, String(one));
  }
  return made.toString();
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; throws Refused for a problem, and plainly where something else than the API answered. */
function given<T>({ data, error, response }: Answer<T>): T {
  if (data !== undefined) return data;
  if (isProblem(error)) throw new Refused(error);
  throw new Error(`${response.url} answered ${response.status}, not as the API does`);
}

function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "request_id" in error && "status" in error && "type" in error;
}

type From = { cursor?: string };

/** All pages as one list. `read` asks for the page at a cursor, or for the first one. */
async function everything<T>(read: (from: From) => Promise<{ data: T[]; page: Schemas["Page"] }>): Promise<T[]> {
  const all: T[] = [];
  let from: From | null = {};
  while (from !== null) {
    const { data, page }: { data: T[]; page: Schemas["Page"] } = await read(from);
    all.push(...data);
    from = page.next === null ? null : { cursor: page.next };
  }
  return all;
}

/** The regions that have data, by code. */
export function regions(api: Api, limit = 100): Promise<Region[]> {
  return everything(async (from) => given(await api.GET("/v1/regions", { params: { query: { limit, ...from } } })));
}

const FIELDS = [
  ...(["id", "region_name", "indicator", "indicator_name", "year", "period", "role", "measure", "base_period"] as const),
  ...(["comparator", "value", "value_high", "unit_label", "stance", "scope"] as const),
];
export type Row = Pick<Observation, (typeof FIELDS)[number]>;

/** Rows hold the fields that were asked for; this tells the compiler so, after a look. */
function rows(data: Schemas["ObservationRow"][]): Row[] {
  return data.filter((row): row is typeof row & Row => {
    const missing = FIELDS.filter((field) => row[field] === undefined);
    if (missing.length > 0) throw new Error(`an observation came without ${missing.join(", ")}`);
    return true;
  });
}

export interface Beside {
  name: string;
  target: Row | null;
  actual: Row | null;
}

/** What a region planned for a year beside what it reached, indicator by indicator. */
export async function beside(api: Api, region: string, year: number): Promise<Beside[]> {
  const said = await everything(async (from) =>
    given(
      await api.GET("/v1/regions/{region}/observations", {
        params: { path: { region }, query: { year: [year], fields: FIELDS, limit: 1000, ...from } },
      }),
    ),
  );
  const found = new Map<string, Beside>();
  for (const row of rows(said)) {
    // only what is measured alike may stand side by side
    const key = JSON.stringify([row.indicator, row.measure, row.period, row.base_period, row.scope]);
    const pair = found.get(key) ?? { name: row.indicator_name, target: null, actual: null };
    pair[row.role] = row;
    found.set(key, pair);
  }
  return [...found.values()];
}

/** An indicator over the years, as reported: regions one after the other, years in order. */
export async function series(api: Api, indicator: string, first: number, last: number): Promise<Row[]> {
  const said = await everything(async (from) =>
    given(
      await api.GET("/v1/observations", {
        params: {
          query: {
            indicator: [indicator],
            role: ["actual"],
            measure: ["level"],
            year_from: first,
            year_to: last,
            sort: ["region", "year"],
            fields: FIELDS,
            ...from,
          },
        },
      }),
    ),
  );
  return rows(said);
}

export interface Kept<T> {
  etag: string;
  data: T;
}

/**
 * A region, asked for again only if it changed: with what was kept the answer may be 304, and that is given back.
 * A browser's own cache does the same unseen; this is for data that a page keeps itself.
 */
export async function fresh(api: Api, code: string, kept?: Kept<Region>): Promise<Kept<Region>> {
  const header = kept === undefined ? {} : { "If-None-Match": kept.etag };
  const answer = await api.GET("/v1/regions/{region}", { params: { path: { region: code }, header } });
  if (kept !== undefined && answer.response.status === 304) return kept;
  const etag = answer.response.headers.get("ETag");
  const data = given(answer);
  if (etag === null) throw new Error(`${answer.response.url} came without an ETag`);
  return { etag, data };
}

// lists of words may grow, so that a word may come that this has no sign for
const SIGNS: { [word in NonNullable<Row["comparator"]>]?: string } = {
  eq: "",
  ge: "≥ ",
  gt: "> ",
  le: "≤ ",
  lt: "< ",
  approx: "≈ ",
  range: "",
};

/** A value as people read it: `≥ 6.5%`, `7–8%`, or the words where the document gives no number. */
export function shown(row: Row | null): string {
  if (row === null) return "–";
  if (row.value === null || row.comparator === null) return row.stance ?? "–";
  const number = row.value_high === null ? `${row.value}` : `${row.value}–${row.value_high}`;
  return (SIGNS[row.comparator] ?? `${row.comparator} `) + number + (row.unit_label ?? "");
}
