-- The categories; or the one that is asked for.
SELECT
  categories.id,
  categories.name,
  categories.name_en,
  categories.description,
  (SELECT count(*) FROM indicators WHERE indicators.category = categories.id) AS indicators,
  (SELECT count(*) FROM observations WHERE observations.category = categories.id) AS observations,
  count(*) OVER () AS total
FROM categories
WHERE $category::VARCHAR IS NULL OR categories.id = $category
ORDER BY categories.id
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
