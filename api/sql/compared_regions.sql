-- The regions of these codes with those above them; or, if asked for, with those below them; by code.
WITH RECURSIVE --? descendants
place (code) AS ( --? descendants
  SELECT unnest($region::VARCHAR[]) --? descendants
  UNION --? descendants
  SELECT regions.code FROM regions JOIN place ON regions.parent = place.code --? descendants
) --? descendants
SELECT code AS region, name AS region_name, name_en AS region_name_en, parent
FROM regions
WHERE code IN (SELECT code FROM place) --? descendants
WHERE list_contains($region::VARCHAR[], code) --? !descendants
  OR code IN (SELECT parent FROM regions WHERE list_contains($region::VARCHAR[], code)) --? !descendants
ORDER BY code
