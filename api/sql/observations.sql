-- Which observations answer a query: a page of them, and how many there are.
-- A line that ends in a mark stands only where the values that it names are given (with !: are not; see api/queries.py):
-- planning costs more than reading, so a plain query is kept short. A line with an arrow is another file's text,
-- one with a star what is asked for.
WITH
--> observed
, named AS (
  SELECT
    observed.*,
    regions.name AS region_name,
    regions.name_en AS region_name_en,
    indicators.name AS indicator_name,
    indicators.name_en AS indicator_name_en
  FROM observed
  JOIN regions ON regions.code = observed.region
  JOIN indicators ON indicators.id = observed.indicator
)
SELECT
  id,
  region,
  region_name,
  region_name_en,
  indicator,
  indicator_name,
  indicator_name_en,
  category,
  year,
  period,
  role::VARCHAR AS role,
  status::VARCHAR AS status,
  measure::VARCHAR AS measure,
  base_period,
  comparator::VARCHAR AS comparator,
  value,
  value_high,
  unit,
  unit_multiplier,
  unit_label,
  stance::VARCHAR AS stance,
  scope,
  responsible,
  designation,
  preferred,
  quality,
  document,
  section,
  "table",
  "row",
  quote,
  quote_start,
  quote_end,
  source_name,
  source_category,
  count(*) OVER () AS total
FROM named
--> order
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
