-- Observations of both attached snapshots by their row numbers; the bounds let most of a file be passed over.
WITH found AS (
  SELECT
    true AS current,
    observations.*,
    regions.name AS region_name,
    regions.name_en AS region_name_en,
    indicators.name AS indicator_name,
    indicators.name_en AS indicator_name_en
  FROM current.observations
  JOIN current.regions ON regions.code = observations.region
  JOIN current.indicators ON indicators.id = observations.indicator
  WHERE observations.ordinal BETWEEN $now_first::INTEGER AND $now_last::INTEGER
    AND observations.ordinal IN (SELECT unnest($now::INTEGER[]))
  UNION ALL BY NAME
  SELECT
    false AS current,
    observations.*,
    regions.name AS region_name,
    regions.name_en AS region_name_en,
    indicators.name AS indicator_name,
    indicators.name_en AS indicator_name_en
  FROM former.observations
  JOIN former.regions ON regions.code = observations.region
  JOIN former.indicators ON indicators.id = observations.indicator
  WHERE observations.ordinal BETWEEN $former_first::INTEGER AND $former_last::INTEGER
    AND observations.ordinal IN (SELECT unnest($former::INTEGER[]))
)
SELECT
  current,
  ordinal,
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
  source_category
FROM found
