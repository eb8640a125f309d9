-- Which rule read an observation, and what else is said of the same thing: targets and actuals, in the order they came out.
WITH asked AS (SELECT * FROM observations WHERE id = $observation::VARCHAR)
SELECT
  asked.rule,
  (
    SELECT coalesce(list(other.ordinal ORDER BY other.known_on, other.role, other.ordinal), [])
    FROM observations AS other
    WHERE other.region = asked.region
      AND other.indicator = asked.indicator
      AND other.period = asked.period
      AND other.measure = asked.measure
      AND other.base_period IS NOT DISTINCT FROM asked.base_period
      AND other.scope IS NOT DISTINCT FROM asked.scope
      AND other.id != asked.id
  ) AS others
FROM asked
