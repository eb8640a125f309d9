-- The years with observations; or the one that is asked for, with or without.
WITH asked AS (
  SELECT id::SMALLINT AS year FROM counts WHERE kind = 'year' AND $year::SMALLINT IS NULL
  UNION ALL
  SELECT $year::SMALLINT WHERE $year::SMALLINT IS NOT NULL
)
SELECT
  asked.year,
  coalesce(counts.targets, 0) AS targets,
  coalesce(counts.observations - counts.targets, 0) AS actuals,
  coalesce(counts.regions, 0) AS regions,
  count(*) OVER () AS total
FROM asked LEFT JOIN counts ON counts.kind = 'year' AND counts.id = asked.year::VARCHAR
ORDER BY asked.year
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
