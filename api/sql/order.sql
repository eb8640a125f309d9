-- In the order that is asked for, else in their own: part of other questions.
ORDER BY
  --* sort
  ordinal
