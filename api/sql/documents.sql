-- The documents, all or those that a search found, in its order; or the one that is asked for.
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
  coalesce(counts.observations, 0) AS observations,
  {
    'figures': documents.figures,
    'observed': documents.observed,
    'not_values': documents.not_values,
    'unread': documents.unread
  } AS audit,
  count(*) OVER () AS total
FROM documents
JOIN (SELECT unnest($found::VARCHAR[]) AS id, generate_subscripts($found::VARCHAR[], 1) AS place) AS found --? found
  ON found.id = documents.id --? found
LEFT JOIN counts ON counts.kind = 'document' AND counts.id = documents.id
WHERE $document::VARCHAR IS NULL OR documents.id = $document
ORDER BY
  found.place, --? found
  documents.id
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
