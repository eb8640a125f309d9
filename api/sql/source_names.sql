-- The names of observations, as documents have them, that hold a text.
SELECT name
FROM source_names
WHERE contains(lower(name), lower($q::VARCHAR))
LIMIT $limit::BIGINT
