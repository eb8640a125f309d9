-- All regions with those above them, and the ids of all categories.
SELECT
  (SELECT list({'code': code, 'parent': parent}) FROM regions) AS regions,
  (SELECT list(id) FROM categories) AS categories
