-- The row numbers of a page of observations.
WITH
--> observed
SELECT ordinal
FROM observed
WHERE true
  AND ordinal > $after::INTEGER --? after
--> order
LIMIT $limit::BIGINT --? limit
OFFSET $offset::BIGINT --? offset
