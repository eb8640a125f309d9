-- What the current snapshot holds.
SELECT
  snapshot.id,
  strftime(make_timestamp(epoch_us(snapshot.published_at)), '%Y-%m-%dT%H:%M:%SZ') AS published_at,
  snapshot.observations,
  snapshot.documents,
  (SELECT coalesce(list_sort(list(id::SMALLINT)), []) FROM counts WHERE kind = 'year') AS years,
  (SELECT count(*) FROM counts WHERE kind = 'region') AS regions
FROM snapshot
