-- What all lists of observations and of what is made of them are filtered by; part of other questions.
--> placed
  AND list_contains($category::VARCHAR[], category) --? category
  AND list_contains($indicator::VARCHAR[], indicator) --? indicator
  AND list_contains($period::VARCHAR[], period) --? period
  AND list_contains($measure::VARCHAR[], measure::VARCHAR) --? measure
