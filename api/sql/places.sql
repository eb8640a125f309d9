-- All regions, and the ids of all categories.
SELECT
  (SELECT list({'region': code, 'region_name': name, 'region_name_en': name_en, 'parent': parent}) FROM regions) AS regions,
  (SELECT list(id) FROM categories) AS categories
