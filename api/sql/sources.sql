-- The documents that the observations were read from, as a bibliography lists them.
SELECT id, title, issuer, number, published_on::VARCHAR AS published_on, url, sha256, count(*) OVER () AS total
FROM documents
ORDER BY id
LIMIT $limit::BIGINT
