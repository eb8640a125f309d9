-- The units and what converts them.
SELECT id, dimension, factor
FROM units
