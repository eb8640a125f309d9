-- The indicators that there are observations of, by id.
SELECT id, name, name_en, category, unit_label, definition, count(*) OVER () AS total
FROM indicators
WHERE id IN (SELECT indicator FROM observations)
ORDER BY id
LIMIT $limit::BIGINT
