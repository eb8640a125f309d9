-- The indicators, all or those with a part of a name; or the one that is asked for.
WITH counted AS (
  SELECT
    indicator,
    list_sort(list(DISTINCT year)) AS years,
    count(DISTINCT region) AS regions,
    count(*) AS observations
  FROM observations
  WHERE $indicator::VARCHAR IS NULL OR indicator = $indicator
  GROUP BY indicator
)
SELECT
  indicators.id,
  indicators.name,
  indicators.name_en,
  indicators.category,
  indicators.unit,
  indicators.unit_multiplier,
  indicators.unit_label,
  indicators.direction,
  indicators.definition,
  indicators.aliases,
  indicators.reviewed,
  coalesce(counted.years, []) AS years,
  coalesce(counted.regions, 0) AS regions,
  coalesce(counted.observations, 0) AS observations,
  count(*) OVER () AS total
FROM indicators LEFT JOIN counted ON counted.indicator = indicators.id
WHERE ($indicator::VARCHAR IS NULL OR indicators.id = $indicator)
  AND ($q::VARCHAR IS NULL
    OR contains(lower(concat_ws(chr(10), indicators.name, indicators.name_en, array_to_string(indicators.aliases, chr(10)))), lower($q::VARCHAR)))
ORDER BY indicators.id
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
