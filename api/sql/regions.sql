-- The regions with data, all or those that a search found, in its order; or the one that is asked for, with or without.
SELECT
  regions.code,
  regions.name,
  regions.name_en,
  regions.level,
  regions.parent,
  coalesce(counts.years, []) AS years,
  coalesce(counts.observations, 0) AS observations,
  count(*) OVER () AS total
FROM regions
JOIN (SELECT unnest($found::VARCHAR[]) AS id, generate_subscripts($found::VARCHAR[], 1) AS place) AS found --? found
  ON found.id = regions.code --? found
LEFT JOIN counts ON counts.kind = 'region' AND counts.id = regions.code
WHERE CASE WHEN $region::VARCHAR IS NULL THEN counts.observations > 0 ELSE regions.code = $region END
ORDER BY
  found.place, --? found
  regions.code
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
