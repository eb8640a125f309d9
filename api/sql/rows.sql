-- Observations by their row numbers; the bounds let most of a snapshot be passed over.
SELECT
  observations.ordinal,
  observations.id,
  observations.region,
  regions.name AS region_name,
  regions.name_en AS region_name_en,
  observations.indicator,
  indicators.name AS indicator_name,
  indicators.name_en AS indicator_name_en,
  observations.category,
  year,
  period,
  role::VARCHAR AS role,
  status::VARCHAR AS status,
  measure::VARCHAR AS measure,
  base_period,
  comparator::VARCHAR AS comparator,
  value,
  value_high,
  observations.unit,
  observations.unit_multiplier,
  observations.unit_label,
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
FROM observations
JOIN regions ON regions.code = observations.region
JOIN indicators ON indicators.id = observations.indicator
WHERE observations.ordinal BETWEEN $first::INTEGER AND $last::INTEGER
  AND list_contains($rows::INTEGER[], observations.ordinal)
