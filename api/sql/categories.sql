-- The categories; or the one that is asked for.
SELECT
  categories.id,
  categories.name,
  categories.name_en,
  categories.description,
  (SELECT count(*) FROM indicators WHERE indicators.category = categories.id) AS indicators,
  coalesce(counts.observations, 0) AS observations,
  count(*) OVER () AS total
FROM categories LEFT JOIN counts ON counts.kind = 'category' AND counts.id = categories.id
WHERE $category::VARCHAR IS NULL OR categories.id = $category
ORDER BY categories.id
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
