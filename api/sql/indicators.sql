-- The indicators, all or those that a search found, in its order; or the one that is asked for.
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
  coalesce(counts.years, []) AS years,
  coalesce(counts.regions, 0) AS regions,
  coalesce(counts.observations, 0) AS observations,
  count(*) OVER () AS total
FROM indicators
JOIN (SELECT unnest($found::VARCHAR[]) AS id, generate_subscripts($found::VARCHAR[], 1) AS place) AS found --? found
  ON found.id = indicators.id --? found
LEFT JOIN counts ON counts.kind = 'indicator' AND counts.id = indicators.id
WHERE $indicator::VARCHAR IS NULL OR indicators.id = $indicator
ORDER BY
  found.place, --? found
  indicators.id
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
