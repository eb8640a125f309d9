-- The regions with data; or the one that is asked for, with or without.
WITH counted AS (
  SELECT region, list_sort(list(DISTINCT year)) AS years, count(*) AS observations
  FROM observations
  WHERE $region::VARCHAR IS NULL OR region = $region
  GROUP BY region
)
SELECT
  regions.code,
  regions.name,
  regions.name_en,
  regions.level,
  regions.parent,
  coalesce(counted.years, []) AS years,
  coalesce(counted.observations, 0) AS observations,
  count(*) OVER () AS total
FROM regions LEFT JOIN counted ON counted.region = regions.code
WHERE CASE WHEN $region::VARCHAR IS NULL THEN counted.observations > 0 ELSE regions.code = $region END
ORDER BY regions.code
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
