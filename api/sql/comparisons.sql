-- The preferred observations of the indicators in the regions, of all years, as they tell which scope is usual.
-- Planning costs more than reading, so it is kept plain: which of those side by side is taken is decided outside.
SELECT
  indicator,
  region,
  year,
  period,
  role::VARCHAR AS role,
  status::VARCHAR AS status,
  base_period,
  comparator::VARCHAR AS comparator,
  value,
  value_high,
  unit,
  unit_multiplier,
  unit_label,
  stance::VARCHAR AS stance,
  scope,
  id
FROM observations --? !as_of
FROM known($as_of::DATE) --? as_of
WHERE list_contains($indicator::VARCHAR[], indicator)
  AND measure = $measure::VARCHAR::measure
  AND region BETWEEN $region_first::VARCHAR AND $region_last::VARCHAR
  AND list_contains($region::VARCHAR[], region)
  AND preferred
