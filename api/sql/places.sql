-- The codes of all regions and the ids of all categories.
SELECT (SELECT list(code) FROM regions) AS regions, (SELECT list(id) FROM categories) AS categories
