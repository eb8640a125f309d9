-- What the fields to sort by hold: part of other questions. Up to four, each a text or a number, each rising or falling;
-- $sort has the fields as asked for.
  list_transform($sort::VARCHAR[], lambda field: CASE ltrim(field, '-') --? sort
      WHEN 'id' THEN observed.id --? sort
      WHEN 'region' THEN observed.region --? sort
      WHEN 'indicator' THEN observed.indicator --? sort
      WHEN 'category' THEN observed.category --? sort
      WHEN 'period' THEN observed.period --? sort
      WHEN 'role' THEN observed.role::VARCHAR --? sort
      WHEN 'status' THEN observed.status::VARCHAR --? sort
      WHEN 'measure' THEN observed.measure::VARCHAR --? sort
      WHEN 'unit' THEN observed.unit --? sort
      WHEN 'document' THEN observed.document --? sort
    END) AS texts, --? sort
  list_transform($sort::VARCHAR[], lambda field: CASE field --? sort
      WHEN 'year' THEN observed.year --? sort
      WHEN '-year' THEN -observed.year --? sort
      WHEN 'value' THEN observed.value --? sort
      WHEN '-value' THEN -observed.value --? sort
    END) AS numbers, --? sort
