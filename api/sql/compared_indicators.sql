-- The indicators to compare, and when the snapshot was published; without an indicator one row has the date alone.
SELECT
  indicators.id AS indicator,
  indicators.name AS indicator_name,
  indicators.name_en AS indicator_name_en,
  indicators.category,
  indicators.direction::VARCHAR AS direction,
  indicators.unit,
  indicators.unit_multiplier,
  indicators.unit_label,
  strftime(make_timestamp(epoch_us(snapshot.published_at)), '%Y-%m-%dT%H:%M:%SZ') AS published_at
FROM snapshot LEFT JOIN indicators ON list_contains($indicator::VARCHAR[], indicators.id)
