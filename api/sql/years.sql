-- The years with observations; or the one that is asked for, with or without.
WITH asked AS (
  SELECT DISTINCT year FROM observations WHERE $year::SMALLINT IS NULL
  UNION ALL
  SELECT $year::SMALLINT WHERE $year::SMALLINT IS NOT NULL
)
SELECT
  asked.year,
  count(*) FILTER (observations.role = 'target') AS targets,
  count(*) FILTER (observations.role = 'actual') AS actuals,
  count(DISTINCT observations.region) AS regions,
  count(*) OVER () AS total
FROM asked LEFT JOIN observations ON observations.year = asked.year
GROUP BY asked.year
ORDER BY asked.year
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
