-- The row numbers of a page of observations.
WITH
--> observed
, numbered AS (
  SELECT
--> sorted
    ordinal
  FROM observed
)
SELECT ordinal
FROM numbered
WHERE true
  AND ordinal > $after::INTEGER --? after
--> order
LIMIT $limit::BIGINT --? limit
OFFSET $offset::BIGINT --? offset
