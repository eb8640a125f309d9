-- What contradicts what: run by the loaders at publication, over all observations, not only the preferred ones.
-- Each kind, severity and reason is told in codes.csv, lists discrepancy_kinds, severities and discrepancy_reasons.
--
-- The rules, and why:
-- * values_differ: two numbers of the same region, indicator, period, role, measure, base and scope are not the same in base
--   units. Rounding is no contradiction: half a unit of the last place of the coarser one is allowed. Nor is a bound that the
--   other keeps (20 and 20以上), nor 5 percent of an 左右, nor two numbers of one clause. Another scope is another thing.
-- * growth_differs: a level beside the level of the year before gives another growth than the one stated, by more than a
--   point.
-- * out_of_line: a target is more than twice what was reached, and the next year's target less than half of it: most often a
--   slip in the first.
-- * below_reached: a target in years of age lies below what was reached the year before; such a number does not fall.
-- Severity: high where all stands in tables and is exact, low where a name is not in the catalogue or a number is about so,
-- else medium.

CREATE TEMP VIEW numbers AS
WITH told AS (
  SELECT observations.*,
    coalesce(conversions.dimension, observations.unit, 'ratio') AS dimension,
    coalesce(conversions.ratio, 1) * pow(10::DOUBLE, coalesce(unit_multiplier, 0)) AS ratio
  FROM observations LEFT JOIN conversions USING (unit)
  WHERE value IS NOT NULL AND comparator != 'range' AND measure != 'rank'
)
SELECT *,
  value * ratio AS base,
  ratio * pow(10::DOUBLE, -length(rtrim(split_part(value::VARCHAR, '.', 2), '0'))) AS step -- of the last place
FROM told;

CREATE TEMP TABLE found AS
WITH pairs AS (
  SELECT one.ordinal AS first, two.ordinal AS second, 'values_differ' AS reason,
    if(one.document = two.document, 'within_document', 'between_documents') AS kind
  FROM numbers AS one
  JOIN numbers AS two ON one.region = two.region AND one.indicator = two.indicator AND one.period = two.period
    AND one.role = two.role AND one.measure = two.measure AND one.dimension = two.dimension
    AND one.base_period IS NOT DISTINCT FROM two.base_period AND one.scope IS NOT DISTINCT FROM two.scope
    AND one.ordinal < two.ordinal
  WHERE abs(one.base - two.base) > 0.5001 * greatest(one.step, two.step)
    AND NOT (one.document = two.document AND one.quote_start < two.quote_end AND two.quote_start < one.quote_end)
    AND NOT (one.comparator IN ('ge', 'gt') AND two.base >= one.base)
    AND NOT (two.comparator IN ('ge', 'gt') AND one.base >= two.base)
    AND NOT (one.comparator IN ('le', 'lt') AND two.base <= one.base)
    AND NOT (two.comparator IN ('le', 'lt') AND one.base <= two.base)
    AND NOT (
      'approx' IN (one.comparator, two.comparator)
      AND abs(one.base - two.base) <= 0.05 * greatest(abs(one.base), abs(two.base))
    )
),
alike AS ( -- one for all that is said of the same thing
  SELECT min(reason) AS reason, kind, list_distinct(list_concat(list(first), list(second))) AS rows
  FROM pairs JOIN numbers ON numbers.ordinal = pairs.first
  GROUP BY kind, region, indicator, period, role, measure, base_period, scope
),
levels AS (SELECT * FROM numbers WHERE measure = 'level' AND period = year::VARCHAR),
reached AS (SELECT * FROM levels WHERE role = 'actual'),
grown AS (
  SELECT 'growth_differs' AS reason, 'arithmetic' AS kind,
    list_distinct(list_concat(list(growth.ordinal), list(level.ordinal), list(before.ordinal))) AS rows
  FROM numbers AS growth
  JOIN levels AS level ON level.region = growth.region AND level.indicator = growth.indicator
    AND level.period = growth.period AND level.role = growth.role AND level.scope IS NOT DISTINCT FROM growth.scope
  JOIN reached AS before ON before.region = growth.region AND before.indicator = growth.indicator
    AND before.year = growth.year - 1 AND before.scope IS NOT DISTINCT FROM growth.scope
    AND before.dimension = level.dimension AND before.document = level.document
  WHERE growth.measure = 'growth' AND growth.base_period IS NULL AND before.base > 0
    AND level.comparator = 'eq' AND growth.comparator IN ('eq', 'approx')
    AND abs((level.base / before.base - 1) * 100 - growth.value) > 1
  GROUP BY growth.region, growth.indicator, growth.period, growth.role, growth.scope
),
lined AS (
  SELECT 'out_of_line' AS reason, 'implausible' AS kind, [target.ordinal, actual.ordinal, next.ordinal] AS rows
  FROM levels AS target
  JOIN reached AS actual ON actual.region = target.region AND actual.indicator = target.indicator
    AND actual.year = target.year AND actual.dimension = target.dimension
    AND actual.scope IS NOT DISTINCT FROM target.scope AND actual.preferred
  JOIN levels AS next ON next.role = 'target' AND next.region = target.region AND next.indicator = target.indicator
    AND next.year = target.year + 1 AND next.dimension = target.dimension
    AND next.scope IS NOT DISTINCT FROM target.scope AND next.preferred
  WHERE target.role = 'target' AND target.preferred AND actual.base > 0 AND next.base > 0
    AND target.base > 2 * actual.base AND next.base < target.base / 2
),
aged AS (
  SELECT 'below_reached' AS reason, 'implausible' AS kind, [target.ordinal, actual.ordinal] AS rows
  FROM levels AS target
  JOIN reached AS actual ON actual.region = target.region AND actual.indicator = target.indicator
    AND actual.year = target.year - 1 AND actual.scope IS NOT DISTINCT FROM target.scope
    AND actual.preferred
  WHERE target.role = 'target' AND target.preferred AND target.unit = 'year_of_age' AND actual.unit = 'year_of_age'
    AND target.comparator = 'eq' AND target.base < actual.base
)
SELECT * FROM alike UNION ALL BY NAME SELECT * FROM grown UNION ALL BY NAME
SELECT * FROM lined UNION ALL BY NAME SELECT * FROM aged;

INSERT INTO discrepancies
SELECT row_number() OVER (ORDER BY region, year, category, indicator, id) AS ordinal, *
FROM (
  SELECT
    'd-' || found.kind || '-' || arg_min(o.id, o.ordinal) AS id,
    first(o.region ORDER BY o.ordinal) AS region,
    first(o.indicator ORDER BY o.ordinal) AS indicator,
    first(o.category ORDER BY o.ordinal) AS category,
    max(o.year) AS year,
    arg_max(o.period, o.year) AS period,
    first(o.role ORDER BY o.role, o.ordinal) AS role,
    first(o.measure ORDER BY o.measure DESC, o.ordinal) AS measure,
    first(o.scope ORDER BY o.ordinal) AS scope,
    found.kind AS kind,
    CASE
      WHEN bool_or(starts_with(o.indicator, 'u_')) OR bool_or(o.comparator = 'approx') THEN 'low'
      WHEN bool_and(o."table" IS NOT NULL) AND bool_and(o.comparator = 'eq') THEN 'high'
      ELSE 'medium'
    END AS severity,
    found.reason AS reason,
    list_sort(found.rows) AS observations,
    list_distinct(list(o.document)) AS documents
  FROM (SELECT *, unnest(rows) AS row FROM (SELECT *, row_number() OVER () AS number FROM found)) AS found
  JOIN observations AS o ON o.ordinal = found.row
  GROUP BY found.number, found.kind, found.reason, found.rows
)
ORDER BY 1;

DROP TABLE found;
DROP VIEW numbers;
