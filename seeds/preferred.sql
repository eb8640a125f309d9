-- Which of several statements of the same thing is preferred: what is known on a day, each with whether it is.
-- The loaders run it at publication, the API for what was known on a day.
--
-- The rules, and why:
-- * Of all observations of one region, indicator, period, role, measure, base period and scope exactly one is preferred;
--   lists show it, `selection=all` shows what stands behind it, `/v1/discrepancies` what contradicts it.
-- * A final figure is preferred to an estimated one, as the estimate was made to be replaced.
-- * The later document is preferred to the earlier one, as it knows what was revised.
-- * A table is preferred to running text, as it was made to be looked up in.
-- * Of two that are alike in all this the one that stands first is preferred.
-- * With `as_of` this is decided among what documents published by then say.

CREATE MACRO known(day) AS TABLE
SELECT * REPLACE (
  row_number() OVER (
    PARTITION BY region, indicator, period, role, measure, base_period, scope
    ORDER BY status IS NOT DISTINCT FROM 'estimated', known_on DESC, "table" IS NULL, quote_start, id
  ) = 1 AS preferred
)
FROM observations
WHERE day IS NULL OR known_on <= day;

CREATE VIEW preferred_observations AS SELECT * FROM observations WHERE preferred;
