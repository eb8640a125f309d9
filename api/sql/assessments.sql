-- Was the plan met, target by target: a page of judgements. All else that is told of a target stands in its line.
-- They lie in their order, and planning costs more than reading: so they are not sorted, and no name is joined.
WITH observations AS (FROM main.observations WHERE list_contains($near::VARCHAR[], region)) --? near
SELECT
  ordinal, --? !as_of
  count(*) OVER () AS total, --? as_of
  scope,
  outcome::VARCHAR AS outcome,
  reason,
  gap,
  target AS target_row,
  actual AS actual_row,
  derived_value,
  derived_from
--> judged
  AND ordinal > $after::INTEGER --? after
ORDER BY region, year, category, indicator, id --? as_of
LIMIT $limit::BIGINT
OFFSET $offset::BIGINT --? offset
