-- What differs between two attached snapshots, as row numbers in both, in the order of the list.
-- Rows are compared by hashes, of the id and of what is served: neither row numbers nor dates of knowing nor rules, and
-- of what other tables name (region, indicator) only the code. Null and an empty list have the same hash, so that
-- quality is said twice. What is the same is left out by numbers alone: ids are read for what is not.
CREATE TABLE changes AS
WITH earlier AS (
  SELECT
    ordinal,
    hash(id) AS name,
    hash(
      region, indicator, category, year, period, role, status, measure, base_period, comparator, value, value_high,
      unit, unit_multiplier, unit_label, stance, scope, responsible, designation, preferred, quality IS NULL, quality,
      document, section, "table", "row", quote, quote_start, quote_end, source_name, source_category
    ) AS content
  FROM former.observations
),
later AS (
  SELECT
    ordinal,
    hash(id) AS name,
    hash(
      region, indicator, category, year, period, role, status, measure, base_period, comparator, value, value_high,
      unit, unit_multiplier, unit_label, stance, scope, responsible, designation, preferred, quality IS NULL, quality,
      document, section, "table", "row", quote, quote_start, quote_end, source_name, source_category
    ) AS content
  FROM current.observations
),
alone AS MATERIALIZED (
  SELECT earlier.ordinal AS former, later.ordinal AS now
  FROM earlier FULL JOIN later ON earlier.name = later.name AND earlier.content = later.content
  WHERE earlier.ordinal IS NULL OR later.ordinal IS NULL
),
was AS (
  SELECT ordinal, id, region, year, category, indicator
  FROM former.observations JOIN alone ON alone.former = observations.ordinal
),
became AS (
  SELECT ordinal, id, region, year, category, indicator
  FROM current.observations JOIN alone ON alone.now = observations.ordinal
)
SELECT
  row_number() OVER (
    ORDER BY
      coalesce(became.region, was.region),
      coalesce(became.year, was.year),
      CASE WHEN became.id IS NULL THEN was.category ELSE became.category END NULLS LAST,
      coalesce(became.indicator, was.indicator),
      coalesce(became.id, was.id)
  ) AS place,
  was.ordinal AS former,
  became.ordinal AS now
FROM was FULL JOIN became ON became.id = was.id
ORDER BY place
