-- Which snapshot this is, and from which to which row number its observations go.
SELECT
  snapshot.id,
  strftime(make_timestamp(epoch_us(snapshot.published_at)), '%Y-%m-%dT%H:%M:%SZ') AS published_at,
  coalesce((SELECT min(ordinal) FROM observations), 0) AS first,
  coalesce((SELECT max(ordinal) FROM observations), 0) AS last,
  (SELECT count(*) FROM observations) AS rows,
  (SELECT count(*) FROM indicators) AS indicators
FROM snapshot
