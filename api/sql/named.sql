-- The codes of what bears a name, in whatever case.
WITH every AS (
  SELECT 'region' AS parameter, code, [name, name_en] AS names FROM regions
  UNION ALL
  SELECT 'category', id, [name, name_en] FROM categories
  UNION ALL
  SELECT 'indicator', id, list_concat([name, name_en], aliases) FROM indicators
)
SELECT code
FROM every
WHERE parameter = $parameter::VARCHAR
  AND list_contains(list_transform(names, lambda each: lower(each)), lower(trim($name::VARCHAR)))
ORDER BY code
LIMIT 2
