-- In the order that is asked for, else in their own: part of other questions.
ORDER BY
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[1], '-') THEN texts[1] END ASC NULLS LAST, --? sort
  CASE WHEN starts_with(($sort::VARCHAR[])[1], '-') THEN texts[1] END DESC NULLS LAST, --? sort
  numbers[1] ASC NULLS LAST, --? sort
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[2], '-') THEN texts[2] END ASC NULLS LAST, --? sort
  CASE WHEN starts_with(($sort::VARCHAR[])[2], '-') THEN texts[2] END DESC NULLS LAST, --? sort
  numbers[2] ASC NULLS LAST, --? sort
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[3], '-') THEN texts[3] END ASC NULLS LAST, --? sort
  CASE WHEN starts_with(($sort::VARCHAR[])[3], '-') THEN texts[3] END DESC NULLS LAST, --? sort
  numbers[3] ASC NULLS LAST, --? sort
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[4], '-') THEN texts[4] END ASC NULLS LAST, --? sort
  CASE WHEN starts_with(($sort::VARCHAR[])[4], '-') THEN texts[4] END DESC NULLS LAST, --? sort
  numbers[4] ASC NULLS LAST, --? sort
  ordinal
