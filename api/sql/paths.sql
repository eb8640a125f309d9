-- Whether the region and the category that a path names exist.
SELECT
  $path_region::VARCHAR IS NULL OR EXISTS (FROM regions WHERE code = $path_region) AS region,
  $path_category::VARCHAR IS NULL OR EXISTS (FROM categories WHERE id = $path_category) AS category
