-- What contradicts what: a page. Names of regions and indicators stand in the lines of the observations.
-- They lie in their order, and planning costs more than reading: so they are not sorted, and no name is joined.
SELECT
  ordinal,
  id,
  region,
  indicator,
  category,
  year,
  period,
  role::VARCHAR AS role,
  measure::VARCHAR AS measure,
  scope,
  kind::VARCHAR AS kind,
  severity::VARCHAR AS severity,
  reason,
  observations
--> disputed
  AND ordinal > $after::INTEGER --? after
LIMIT $limit::BIGINT
OFFSET $offset::BIGINT --? offset
