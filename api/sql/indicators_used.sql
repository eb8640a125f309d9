-- The indicators that there are observations of, by id.
SELECT id, name, name_en, category, unit_label, definition, count(*) OVER () AS total
FROM indicators
WHERE id IN (SELECT id FROM counts WHERE kind = 'indicator')
ORDER BY id
LIMIT $limit::BIGINT
