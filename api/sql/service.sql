-- What the current snapshot holds.
SELECT
  snapshot.id,
  strftime(make_timestamp(epoch_us(snapshot.published_at)), '%Y-%m-%dT%H:%M:%SZ') AS published_at,
  snapshot.observations,
  snapshot.documents,
  (SELECT coalesce(list_sort(list(DISTINCT year)), []) FROM observations) AS years,
  (SELECT count(DISTINCT region) FROM observations) AS regions
FROM snapshot
