-- How many observations were added, revised and withdrawn.
SELECT
  count(*) FILTER (former IS NULL) AS added,
  count(*) FILTER (former IS NOT NULL AND now IS NOT NULL) AS revised,
  count(*) FILTER (now IS NULL) AS withdrawn
FROM changes
