-- The documents; or the one that is asked for.
SELECT
  documents.id,
  documents.title,
  documents.kind,
  documents.region,
  documents.issuer,
  documents.number,
  documents.issued_on::VARCHAR AS issued_on,
  documents.published_on::VARCHAR AS published_on,
  documents.url,
  documents.sha256,
  map_from_entries(documents.quality) AS quality,
  documents.complete,
  documents.missing,
  (SELECT count(*) FROM observations WHERE observations.document = documents.id) AS observations,
  {
    'figures': documents.figures,
    'observed': documents.observed,
    'not_values': documents.not_values,
    'unread': documents.unread
  } AS audit,
  count(*) OVER () AS total
FROM documents
WHERE $document::VARCHAR IS NULL OR documents.id = $document
ORDER BY documents.id
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
