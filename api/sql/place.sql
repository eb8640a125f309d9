-- The regions that are asked for and all below them; part of other questions.
place (code) AS ( --? region descendants
  SELECT unnest($region::VARCHAR[]) --? region descendants
  UNION --? region descendants
  SELECT regions.code FROM regions JOIN place ON regions.parent = place.code --? region descendants
), --? region descendants
